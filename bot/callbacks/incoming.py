"""Ideogram's own webhooks: whose signature is right may end the waiting for a generation.

Nothing in the body is believed. What is verified is that Ideogram signed the id in the
header, just now; what was drawn is then asked for by that id.
https://developer.ideogram.ai/v1/ideogram-api/webhooks
"""

import base64
import binascii
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.errors import NotAllowed, ProviderError
from bot.ports.base import Clock

REPLAY_WINDOW = timedelta(minutes=5)
_REFRESH = timedelta(minutes=1)  # at most so often, whoever sends whatever
_KEPT = timedelta(hours=1)  # then keys are asked for anew: one may have been withdrawn
_MOST_KEYS = 16
_MOST_SEEN = 10_000
_KEY_BYTES = 32
_HEADER = "x-ideogram-webhook-"
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_ID = re.compile(r"[!-~]{1,200}")
_WRONG = "This is not signed by Ideogram."

FetchKeys = Callable[[], Awaitable[bytes]]
Keys = dict[str, bytes]  # Ed25519 public keys, raw


class KeyRing:
    """Ideogram's public keys, asked for when needed and not too often."""

    def __init__(self, *, fetch: FetchKeys, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Keys | None = None
        self._tried_at: datetime | None = None
        self._fetched_at: datetime | None = None

    async def is_signed(self, message: bytes, signature: bytes, *, hint: str) -> bool:
        """Say whether one of the keys made *signature*. Raises: ProviderError."""
        now = self._clock.now()
        if self._fetched_at is None or now - self._fetched_at > _KEPT:
            await self._refresh()
        if self._is_by_any(message, signature, hint):
            return True
        return await self._refresh() and self._is_by_any(message, signature, hint)

    async def _refresh(self) -> bool:
        """Ask for the keys; False when that was done a moment ago."""
        now = self._clock.now()
        if self._tried_at is not None and now - self._tried_at < _REFRESH:
            if self._keys is None:
                raise ProviderError("Ideogram's keys are not to be had.")
            return False
        self._tried_at = now
        try:
            self._keys = read_keys(await self._fetch())
        except ProviderError:
            if self._keys is None:
                raise
            return False
        self._fetched_at = now
        return True

    def _is_by_any(self, message: bytes, signature: bytes, hint: str) -> bool:
        keys = self._keys or {}
        likely = [keys[hint]] if hint in keys else []
        return any(_is_by(key, message, signature) for key in [*likely, *keys.values()])


class Webhooks:
    """Takes webhooks; *announce* hears the id of each that is genuine and new."""

    def __init__(
        self, *, keys: KeyRing, announce: Callable[[str], bool], clock: Clock
    ) -> None:
        self._keys = keys
        self._announce = announce
        self._clock = clock
        self._seen: OrderedDict[bytes, datetime] = OrderedDict()

    async def take(self, headers: Mapping[str, str], body: bytes) -> None:
        """Wake who waits for the generation.

        Raises: NotAllowed (not signed by Ideogram, or too long ago), ProviderError (its
        keys are not to be had).
        """
        generation, user, timestamp, hint, signature = _read(headers)
        now = self._clock.now()
        if abs(now.timestamp() - int(timestamp)) > REPLAY_WINDOW.total_seconds():
            raise NotAllowed("This was signed too long ago, or the clocks differ.")
        digest = hashlib.sha256(body).hexdigest()
        message = f"{generation}\n{user}\n{timestamp}\n{digest}".encode()
        if not await self._keys.is_signed(message, signature, hint=hint):
            raise NotAllowed(_WRONG)
        if self._is_new(signature, now):
            self._announce(generation)

    def _is_new(self, signature: bytes, now: datetime) -> bool:
        """Remember a webhook for as long as it could be sent again."""
        while self._seen:
            oldest = next(iter(self._seen))
            is_over = now - self._seen[oldest] > 2 * REPLAY_WINDOW
            if not is_over and len(self._seen) < _MOST_SEEN:
                break
            del self._seen[oldest]
        if signature in self._seen:
            return False
        self._seen[signature] = now
        return True


def read_keys(body: bytes) -> Keys:
    """Give the Ed25519 keys of a JWK set, by their ids. Raises: ProviderError."""
    try:
        found = json.loads(body)["keys"]
        keys = [_read_key(jwk) for jwk in found[:_MOST_KEYS]]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ProviderError("Ideogram's keys cannot be read.") from error
    return {name: key for name, key in keys if key is not None}


def _read_key(jwk: Any) -> tuple[str, bytes | None]:
    name = str(jwk.get("kid", "")) if isinstance(jwk, dict) else ""
    if not name or jwk.get("crv") != "Ed25519":
        return name, None
    text = str(jwk.get("x", ""))
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return name, None
    if len(raw) != _KEY_BYTES:
        return name, None
    return name, raw


def _read(headers: Mapping[str, str]) -> tuple[str, str, str, str, bytes]:
    lower = {name.lower(): value for name, value in headers.items()}
    names = ("generation-id", "user-id", "timestamp", "key-id", "signature")
    generation, user, timestamp, hint, signature = (
        lower.get(_HEADER + name, "") for name in names
    )
    if not (
        _ID.fullmatch(generation)
        and _ID.fullmatch(user)
        and _TIMESTAMP.fullmatch(timestamp)
        and _SIGNATURE.fullmatch(signature)
    ):
        raise NotAllowed(_WRONG)
    return generation, user, timestamp, hint, bytes.fromhex(signature)


def _is_by(key: bytes, message: bytes, signature: bytes) -> bool:
    # Loaded by the first webhook: most bots never get one, and every start would pay.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PublicKey,
    )

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True

"""Which webhooks are Ideogram's."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.callbacks.incoming import KeyRing, Webhooks, read_keys
from bot.errors import NotAllowed, ProviderError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
BODY = b'{"generation_id": "gen-1", "data": []}'


def jwk(name, key):
    raw = key.public_key().public_bytes_raw()
    x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return {"kid": name, "kty": "OKP", "crv": "Ed25519", "x": x}


def signed(*, key=KEY, generation="gen-1", at=NOON, body=BODY, name="k1", **changes):
    """Give the headers of a webhook."""
    timestamp = str(int(at.timestamp()))
    digest = hashlib.sha256(body).hexdigest()
    message = f"{generation}\nuser-1\n{timestamp}\n{digest}".encode()
    headers = {
        "X-Ideogram-Webhook-Generation-Id": generation,
        "X-Ideogram-Webhook-User-Id": "user-1",
        "X-Ideogram-Webhook-Timestamp": timestamp,
        "X-Ideogram-Webhook-Key-Id": name,
        "X-Ideogram-Webhook-Signature": key.sign(message).hex(),
    }
    return headers | {f"X-Ideogram-Webhook-{k}": v for k, v in changes.items()}


class Entrance:
    """Webhooks with a clock, a key server and a listener that remember."""

    def __init__(self, *keys):
        self.time = NOON
        self.keys = list(keys) or [jwk("k1", KEY)]
        self.is_down = False
        self.fetches = 0
        self.heard = []
        ring = KeyRing(fetch=self.fetch, clock=self)
        self._hooks = Webhooks(keys=ring, announce=self.hear, clock=self)

    def now(self):
        return self.time

    async def fetch(self):
        self.fetches += 1
        if self.is_down:
            raise ProviderError("Down.")
        return json.dumps({"keys": self.keys}).encode()

    def hear(self, generation):
        self.heard.append(generation)
        return True

    async def take(self, headers=None, body=BODY, **changes):
        headers = headers or signed(**{"at": self.time, **changes})
        await self._hooks.take(headers, body)

    async def refuses(self, **changes):
        with pytest.raises(NotAllowed):
            await self.take(**changes)


async def test_a_genuine_one_is_heard():
    entrance = Entrance()

    await entrance.take()

    assert entrance.heard == ["gen-1"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"key": OTHER}, id="another key"),
        pytest.param({"Generation-Id": "gen-2"}, id="another generation"),
        pytest.param({"User-Id": "user-2"}, id="another user"),
        pytest.param({"Timestamp": "1767268801"}, id="another time"),
        pytest.param({"at": NOON - timedelta(seconds=301)}, id="too old"),
        pytest.param({"at": NOON + timedelta(seconds=301)}, id="from the future"),
        pytest.param({"Signature": ""}, id="unsigned"),
        pytest.param({"Signature": "00" * 64}, id="zeroes"),
        pytest.param({"Signature": "A" * 128}, id="capitals"),
        pytest.param({"Signature": "é"}, id="no hex"),
        pytest.param({"Timestamp": "noon"}, id="no time"),
        pytest.param({"Timestamp": "9" * 30}, id="an endless time"),
        pytest.param({"Generation-Id": ""}, id="no generation"),
        pytest.param({"Generation-Id": "gen-1\nuser"}, id="a line break"),
    ],
)
async def test_anything_else_is_refused(changes):
    entrance = Entrance()

    await entrance.refuses(**changes)

    assert entrance.heard == []


async def test_a_changed_body_is_refused():
    entrance = Entrance()

    with pytest.raises(NotAllowed):
        await entrance.take(signed(), b"{}")

    assert entrance.heard == []


async def test_a_repetition_wakes_nobody_again():
    """It is delivered at least once, and may be replayed by anybody who saw it."""
    entrance = Entrance()

    await entrance.take()
    await entrance.take()

    assert entrance.heard == ["gen-1"]


async def test_the_key_id_is_a_hint():
    """Any of the keys will do."""
    entrance = Entrance(jwk("k0", OTHER), jwk("k1", KEY))

    await entrance.take(name="k0")
    await entrance.take(name="nobody", generation="gen-2")

    assert entrance.heard == ["gen-1", "gen-2"]
    assert entrance.fetches == 1


async def test_a_new_key_is_asked_for():
    """Keys rotate; strangers cannot make the bot ask more than once a minute."""
    entrance = Entrance(jwk("k0", OTHER))
    for _ in range(5):
        await entrance.refuses()
    assert entrance.fetches == 1

    entrance.keys.append(jwk("k1", KEY))
    entrance.time += timedelta(minutes=1)
    await entrance.take()

    assert entrance.heard == ["gen-1"]
    assert entrance.fetches == 2


async def test_a_withdrawn_key_is_forgotten():
    entrance = Entrance()
    await entrance.take()

    entrance.keys = [jwk("k0", OTHER)]
    entrance.time += timedelta(hours=1, seconds=1)
    await entrance.refuses(generation="gen-2")


async def test_without_keys_nothing_is_decided():
    """The sender tries again; the key server is not asked each time."""
    entrance = Entrance()
    entrance.is_down = True

    for _ in range(3):
        with pytest.raises(ProviderError):
            await entrance.take()

    assert entrance.fetches == 1


async def test_known_keys_outlast_a_key_server_that_is_down():
    entrance = Entrance()
    await entrance.take()

    entrance.is_down = True
    entrance.time += timedelta(hours=2)
    await entrance.take(generation="gen-2")

    assert entrance.heard == ["gen-1", "gen-2"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"keys": 1}', b'{"keys": null}', b"\xff", b"[" * 100_000],
)
def test_a_key_set_that_cannot_be_read_is_the_providers_fault(body):
    with pytest.raises(ProviderError):
        read_keys(body)


def test_foreign_keys_are_passed_by():
    """A set may hold keys of other kinds."""
    good = jwk("k1", KEY)
    keys = [
        {"kid": "rsa", "kty": "RSA"},
        "nonsense",
        good | {"kid": "short", "x": "AAAA"},
        good | {"kid": "broken", "x": "é"},
        good | {"kid": ""},
        good,
    ]

    assert list(read_keys(json.dumps({"keys": keys}).encode())) == ["k1"]

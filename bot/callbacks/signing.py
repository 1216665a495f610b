"""The signature of a callback, made here and checked by its receiver. Pure.

A receiver may copy `is_genuine` whole: it needs nothing but the standard library.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

TIMESTAMP = "X-Ideogram-Bot-Timestamp"
SIGNATURE = "X-Ideogram-Bot-Signature"
DELIVERY = "X-Ideogram-Bot-Delivery"

TOLERANCE = timedelta(minutes=5)


def sign(secret: str | None, body: bytes, *, at: datetime) -> dict[str, str]:
    """Give the headers that prove who sent *body*, and when; without *secret* only when."""
    timestamp = str(int(at.timestamp()))
    if secret is None:
        return {TIMESTAMP: timestamp}
    return {TIMESTAMP: timestamp, SIGNATURE: _signature(secret, timestamp, body)}


def is_genuine(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> bool:
    """Say whether who knows *secret* sent *body* just now; header names in any case."""
    lower = {name.lower(): value for name, value in headers.items()}
    timestamp = lower.get(TIMESTAMP.lower(), "")
    given = lower.get(SIGNATURE.lower(), "")
    if not (timestamp.isascii() and timestamp.isdigit() and given.isascii()):
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    return hmac.compare_digest(given, _signature(secret, timestamp, body))


def _signature(secret: str, timestamp: str, body: bytes) -> str:
    signed = timestamp.encode() + b"." + body
    return f"sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"

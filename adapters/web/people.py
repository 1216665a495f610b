"""Who is who on the page: a secret in a cookie, a name derived from it. Pure.

Names are seen by everyone; only who holds the cookie is that person. Nothing is stored,
so a person stays the same over restarts.
"""

import hashlib
from typing import TypeGuard

COOKIE = "ideogram_bot_person"
COOKIE_SECONDS = 365 * 24 * 60 * 60

_COLOURS = (
    "amber", "azure", "coral", "crimson", "golden", "indigo", "ivory", "jade",
    "lilac", "olive", "pearl", "ruby", "russet", "scarlet", "silver", "teal",
)  # fmt: skip
_ANIMALS = (
    "badger", "crane", "falcon", "fox", "gecko", "heron", "ibis", "lynx",
    "marten", "newt", "otter", "owl", "raven", "robin", "stoat", "wren",
)  # fmt: skip
_MIN_TOKEN, _MAX_TOKEN = 16, 64


def user_id(token: str) -> str:
    """Give the person's id for the secret *token*: `amber-fox-3f9a1c`."""
    digest = hashlib.sha256(token.encode()).digest()
    colour = _COLOURS[digest[0] % len(_COLOURS)]
    animal = _ANIMALS[digest[1] % len(_ANIMALS)]
    return f"{colour}-{animal}-{digest[2:5].hex()}"


def is_token(text: str | None) -> TypeGuard[str]:
    """Say whether *text* may be a token that this page has given out."""
    return text is not None and _MIN_TOKEN <= len(text) <= _MAX_TOKEN


def display_name(user_id: str) -> str:
    """Give the name to show: `Amber Fox`."""
    return " ".join(word.capitalize() for word in user_id.split("-")[:2])

"""Who sent a callback, and when."""

import re
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.callbacks.signing import is_genuine, sign

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BODY = '{"prompt": "ein Füchslein"}'.encode()
HEADERS = sign("secret", BODY, at=NOON)


def test_the_headers_are_the_documented_ones():
    """A receiver in any language computes the same; this value is openssl's."""
    assert HEADERS == {
        "X-Ideogram-Bot-Timestamp": "1767268800",
        "X-Ideogram-Bot-Signature": "sha256="
        "65b2fbfac575f5430c87c54936060e6caec7c5598c3435a7119f0d7ca45e2365",
    }


def test_what_was_signed_is_genuine():
    """Proxies change the case of header names."""
    lower = {name.lower(): value for name, value in HEADERS.items()}

    assert is_genuine("secret", lower, BODY, now=NOON)


@pytest.mark.parametrize(
    ("secret", "changes", "body", "later"),
    [
        pytest.param("other", {}, BODY, 0, id="another secret"),
        pytest.param("secret", {}, BODY + b" ", 0, id="another body"),
        pytest.param("secret", {}, BODY, 301, id="too old"),
        pytest.param("secret", {}, BODY, -301, id="from the future"),
        pytest.param(
            "secret", {"X-Ideogram-Bot-Timestamp": "1767268801"}, BODY, 0, id="moved"
        ),
        pytest.param(
            "secret", {"X-Ideogram-Bot-Timestamp": "noon"}, BODY, 0, id="no time"
        ),
        pytest.param(
            "secret", {"X-Ideogram-Bot-Timestamp": "²"}, BODY, 0, id="an odd digit"
        ),
        pytest.param("secret", {"X-Ideogram-Bot-Signature": ""}, BODY, 0, id="none"),
        pytest.param("secret", {"X-Ideogram-Bot-Signature": "é"}, BODY, 0, id="é"),
    ],
)
def test_anything_else_is_not(secret, changes, body, later):
    """A copy of an old callback is worth nothing after five minutes."""
    now = NOON + timedelta(seconds=later)

    assert not is_genuine(secret, HEADERS | changes, body, now=now)


def test_the_receiver_in_the_readme_works():
    """It is there to be copied."""
    readme = Path(__file__).parents[3] / "README.md"
    [code] = re.findall(r"```python\n(.*?)```", readme.read_text(), re.DOTALL)
    names = {}
    exec(textwrap.dedent(code), names)  # noqa: S102 - our own page
    headers = sign("secret", BODY, at=datetime.now(UTC))

    assert names["is_genuine"]("secret", headers, BODY)
    assert not names["is_genuine"]("other", headers, BODY)
    assert not names["is_genuine"]("secret", HEADERS, BODY)  # long ago


def test_without_a_secret_nothing_is_proved():
    """When it was sent is told all the same."""
    assert set(sign(None, BODY, at=NOON)) == {"X-Ideogram-Bot-Timestamp"}

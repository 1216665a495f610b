"""Where a picture lies."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotFound
from storage.files.keys import EXTENSIONS, inside, is_key, stored_path

DIGEST = "ab" + "0" * 62


def test_the_month_is_that_of_utc():
    """A path must not depend on where the bot runs."""
    evening = datetime(2026, 11, 30, 22, tzinfo=timezone(timedelta(hours=-5)))

    path = stored_path(DIGEST, "image/png", evening)

    assert path == f"2026/12/ab/{DIGEST}.png"


@pytest.mark.parametrize("content_type", EXTENSIONS)
def test_keys_are_known_again(content_type):
    path = stored_path(DIGEST, content_type, datetime(2026, 1, 1, tzinfo=UTC))

    assert is_key(path)
    assert inside(path) == PurePosixPath(path)


@pytest.mark.parametrize(
    "path", ["notes.txt", f"2026/11/ab/{DIGEST}.png.bak", f"x/2026/11/ab/{DIGEST}.png"]
)
def test_strangers_files_are_not_keys(path):
    """The sweep deletes what is ours, and nothing else in the folder."""
    assert not is_key(path)


@given(st.text(alphabet="a./\\~\0"))
def test_inside_never_leads_outside(path):
    try:
        safe = inside(path)
    except NotFound:
        return
    assert ".." not in safe.parts
    assert not safe.is_absolute()

"""Where a picture is found from outside."""

import pytest

from bot.filing import public_url
from bot.loading import load_settings


@pytest.mark.parametrize(
    ("files_url", "expected"),
    [
        ("s3://bucket", "https://cdn.test"),
        ("s3://bucket/prefix", "https://cdn.test/prefix"),
        ("az://container/a/b/", "https://cdn.test/a/b"),
    ],
)
def test_the_public_address_stands_for_the_whole_bucket(files_url, expected):
    """So the prefix is part of a picture's address, as it is of the object's name."""
    settings = load_settings(
        {"FILES_URL": files_url, "CDN_BASE_URL": "https://cdn.test"},
        needs_ideogram=False,
    )

    assert public_url(settings) == expected


def test_without_a_public_address_links_are_signed():
    settings = load_settings({"FILES_URL": "s3://bucket"}, needs_ideogram=False)

    assert public_url(settings) is None

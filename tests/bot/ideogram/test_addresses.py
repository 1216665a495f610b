"""Which addresses a picture may be downloaded from."""

from datetime import UTC, datetime

import pytest

from bot.ideogram.addresses import expires_at, picture_hosts
from bot.ideogram.routes import make_route

OFFICIAL = picture_hosts(
    make_route("official", key="k", image_hosts=("cdn.example.com", "*.Example.org"))
)
LOCAL = picture_hosts(make_route("sandbox", key="k", base_url="http://127.0.0.1:8090"))


@pytest.mark.parametrize(
    "url",
    [
        "https://ideogram.ai/api/images/ephemeral/a.png?exp=1&sig=2",
        "https://img.ideogram.ai/a.png",
        "https://IDEOGRAM.ai/a.png",
        "https://api.ideogram.ai:8443/a.png",
        "https://cdn.example.com/a.png",
        "https://deep.down.example.org/a.png",
    ],
)
def test_known_hosts_are_allowed(url):
    """The route's own, the settings' and the API's."""
    assert OFFICIAL.complaint(url) is None


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://evil.example/a.png", id="foreign"),
        pytest.param("https://ideogram.ai.evil.example/a.png", id="lookalike"),
        pytest.param("https://evilideogram.ai/a.png", id="suffix without a dot"),
        pytest.param("https://example.org/a.png", id="above the wildcard"),
        pytest.param("http://ideogram.ai/a.png", id="not https"),
        pytest.param("http://127.0.0.1/a.png", id="loopback"),
        pytest.param("https://169.254.169.254/latest", id="cloud metadata"),
        pytest.param("https://ideogram.ai@evil.example/a.png", id="user name"),
        pytest.param("https://evil.example\\@ideogram.ai/a.png", id="backslash"),
        pytest.param("https://ideogram.ai/a\n.png", id="line break"),
        pytest.param("ftp://ideogram.ai/a.png", id="ftp"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("https://[ideogram.ai/a.png", id="broken"),
        pytest.param("https://a..ideogram.ai/a.png", id="a part of no letters"),
        pytest.param(f"https://{'a' * 64}.ideogram.ai/a.png", id="a part too long"),
        pytest.param("", id="nothing"),
    ],
)
def test_everything_else_is_refused(url):
    """An address comes out of an answer, so it is not trusted."""
    assert OFFICIAL.complaint(url)


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("http://127.0.0.1:8090/a.png", True),
        ("http://127.0.0.1:9999/a.png", True),
        ("http://ideogram.ai/a.png", False),
        ("http://localhost:8090/a.png", False),
        ("https://ideogram.ai/a.png", True),
    ],
)
def test_a_local_api_allows_its_own_host_without_tls(url, is_allowed):
    """The sandbox serves its pictures over http; nobody else may."""
    assert (LOCAL.complaint(url) is None) is is_allowed


def test_a_local_picture_host_can_be_allowed_too():
    """Behind a local proxy, pictures may come from another name of this machine."""
    route = make_route(
        "sandbox",
        key="k",
        base_url="http://127.0.0.1:8090",
        image_hosts=("localhost", "cdn.example.com"),
    )
    hosts = picture_hosts(route)

    assert hosts.complaint("http://localhost:8091/a.png") is None
    assert hosts.complaint("http://cdn.example.com/a.png") == "is not https"


def test_302_serves_from_its_own_host():
    """The bearer proxy re-hosts what Ideogram drew."""
    hosts = picture_hosts(make_route("bearer", key="k"))

    assert hosts.complaint("https://file.302.ai/gpt/imgs/a.png") is None
    assert OFFICIAL.complaint("https://file.302.ai/gpt/imgs/a.png")


@pytest.mark.parametrize(
    ("url", "moment"),
    [
        ("https://ideogram.ai/a.png?exp=0&sig=x", datetime(1970, 1, 1, tzinfo=UTC)),
        ("https://ideogram.ai/a.png?sig=x", None),
        ("https://ideogram.ai/a.png?exp=soon", None),
        ("https://ideogram.ai/a.png?exp=99999999999999999", None),
    ],
)
def test_an_address_may_say_when_it_ends(url, moment):
    """`exp` is in seconds; anything else is no time."""
    assert expires_at(url) == moment

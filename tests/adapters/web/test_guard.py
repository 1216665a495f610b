"""Other web sites are kept out of the page."""

import pytest
from starlette.datastructures import Headers

from adapters.web.guard import refusal

HERE = "127.0.0.1:8080"


@pytest.mark.parametrize(
    ("host", "configured"),
    [
        ("127.0.0.1:8080", "127.0.0.1"),
        ("localhost:8080", "127.0.0.1"),
        ("[::1]:8080", "::1"),
        ("192.168.1.20:8080", "0.0.0.0"),
        ("Pictures.example", "pictures.example"),
    ],
)
def test_this_machine_is_served(host, configured):
    """Addresses in figures are fine: rebinding needs a name."""
    assert refusal("GET", Headers({"host": host}), host=configured) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example:8080", "127.0.0.1.evil.example", "", "[::1", "localhost.evil"],
)
def test_a_foreign_name_is_refused(host):
    """A name that was pointed at this machine (DNS rebinding) reads nothing."""
    assert refusal("GET", Headers({"host": host}), host="127.0.0.1")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"origin": "https://evil.example"}, id="another site"),
        pytest.param({"origin": "http://127.0.0.1:9999"}, id="another port"),
        pytest.param({"origin": "null"}, id="a sandboxed frame"),
        pytest.param({"origin": "http://["}, id="no address"),
        pytest.param({"sec-fetch-site": "cross-site"}, id="told by the browser"),
        pytest.param({"sec-fetch-site": "same-site"}, id="a sister site"),
    ],
)
def test_a_forged_post_is_refused(headers):
    """Another site must not draw at this person's cost (CSRF)."""
    assert refusal("POST", Headers({"host": HERE, **headers}), host="127.0.0.1")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": f"http://{HERE}", "sec-fetch-site": "same-origin"},
        {},  # no browser: nobody's cookie is used against them
    ],
)
def test_the_page_itself_may_post(headers):
    assert refusal("POST", Headers({"host": HERE, **headers}), host="127.0.0.1") is None

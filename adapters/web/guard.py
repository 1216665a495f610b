"""Keeps other web sites out of the page: who may call it, and what it may load.

A name in the Host header that is not ours means that some web site's name was pointed
at this address (DNS rebinding); a POST from another origin is a forged one (CSRF).
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What a response says unless it says otherwise itself.
_HEADERS = {
    "Cache-Control": "no-cache",  # scripts are those of the running version
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_READING = ("GET", "HEAD")


class Guard:
    """Wraps *app*; *host* is the configured one, allowed beside this machine's own."""

    def __init__(self, app: ASGIApp, *, host: str) -> None:
        self._app = app
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it before the page sees it."""
        if scope["type"] != "http":
            return
        problem = refusal(scope["method"], Headers(scope=scope), host=self._host)
        app = PlainTextResponse(problem, status_code=403) if problem else self._app
        await app(scope, receive, _with_headers(send))


def refusal(method: str, headers: Headers, *, host: str) -> str | None:
    """Say why a request must not pass; None when it may."""
    named = headers.get("host", "")
    if not _is_ours(named, host):
        return (
            "This name is not served here. Open the page by this machine's address in "
            "figures, like http://127.0.0.1, or set HTTP_HOST to the name."
        )
    if method in _READING:
        return None
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return "This came from another web site and was not carried out."
    if headers.get("origin", f"//{named}").partition("//")[2] != named:
        return "This came from another web site and was not carried out."
    return None


def _is_ours(named: str, host: str) -> bool:
    """Say whether a Host header is this machine's: its name, or any address in figures.

    Rebinding needs a name, so an address in figures is never the work of one.
    """
    try:
        name = urlsplit(f"//{named}").hostname
    except ValueError:
        return False
    if name in {"localhost", host.lower()}:
        return True
    try:
        ip_address(name or "")
    except ValueError:
        return False
    return True


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers

"""Which addresses a picture may be downloaded from.

Pure. An address comes out of an answer, so it is not trusted: only hosts of the route, of
IDEOGRAM_IMAGE_HOSTS and the API's own; https, unless the API itself is spoken to without.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from bot.ideogram.routes import Route

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# No user name, no backslash, no escapes: what every parser reads as the same host.
_LABEL = "[A-Za-z0-9_-]{1,63}"
_PLAIN_AUTHORITY = re.compile(
    rf"({_LABEL}(\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]+\])(:\d{{1,5}})?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHosts:
    """The hosts pictures may come from; `*.example.com` stands for all below it."""

    names: tuple[str, ...]
    api_host: str
    is_plain_allowed: bool  # http, because the API itself is http

    def complaint(self, url: str) -> str | None:
        """Say what is wrong with *url*; None when a picture may be read from there."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return "is no web address"
        if not (url.isprintable() and _PLAIN_AUTHORITY.fullmatch(parts.netloc)):
            return "is no plain web address"
        host = (parts.hostname or "").rstrip(".")
        if parts.scheme != "https" and not (
            parts.scheme == "http" and self._may_be_plain(host)
        ):
            return "is not https"
        if host != self.api_host and not any(_covers(n, host) for n in self.names):
            return f"is on {host}, which is not among the hosts allowed"
        return None

    def _may_be_plain(self, host: str) -> bool:
        return self.is_plain_allowed and (host == self.api_host or host in _LOOPBACK)


def picture_hosts(route: Route) -> PictureHosts:
    """Give the hosts allowed for *route*."""
    return PictureHosts(
        names=route.image_hosts,
        api_host=route.host.rstrip("."),
        is_plain_allowed=urlsplit(route.base_url).scheme == "http",
    )


def expires_at(url: str) -> datetime | None:
    """Read when a signed address ends (`exp`, in seconds); None when it does not say."""
    value = parse_qs(urlsplit(url).query).get("exp", [""])[0]
    if not re.fullmatch(r"\d{1,11}", value):
        return None
    return datetime.fromtimestamp(int(value), UTC)


def _covers(name: str, host: str) -> bool:
    if name.startswith("*."):
        return host.endswith(name[1:])
    return host == name

"""Which addresses may be called back. Pure.

Whoever may name an address makes this machine send a request there, so it must not be a way
into the network around it. Here the address is judged as it is written: only what every
parser reads as the same host passes. What the host's name leads to is judged on the
connection (bot/callbacks/sending.py).
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urlsplit

from bot.callbacks.networks import IPAddress, is_public
from bot.errors import WrongInput

MAX_LENGTH = 2000
_HTTPS_PORT = 443
# Below it are the ports of other services (mail, SSH), which must not be spoken to.
_FIRST_FREE_PORT = 1024
_LAST_PORT = 65535

_WRITTEN = re.compile(r"[!-~]+")  # no spaces, no control characters, ASCII only
_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_AUTHORITY = re.compile(
    rf"(?P<host>{_LABEL}(\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])(:(?P<port>\d{{1,5}}))?"
)
# https://url.spec.whatwg.org/#ends-in-a-number-checker: decimal, octal, hex, short forms.
_NUMBER = re.compile(r"\d+|0[xX][0-9A-Fa-f]*")
_LONGEST_NAME = 253
_PRIVATE = "leads into a private network, or to this machine"
_HOME_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is allowed; `is_private_allowed` is CALLBACK_ALLOW_PRIVATE."""

    is_private_allowed: bool = False

    def check(self, url: str) -> None:
        """Say nothing when *url* may be called back, as far as it tells by itself.

        Raises: WrongInput.
        """
        if complaint := self._complaint(url):
            raise WrongInput(
                f"The callback address {complaint}. Give the address of a web server on "
                "the internet, like https://example.com/hooks/ideogram."
            )

    def may_connect(self, address: IPAddress) -> bool:
        """Say whether a connection to *address* may be made."""
        return self.is_private_allowed or is_public(address)

    def _complaint(self, url: str) -> str | None:
        if complaint := _complaint_of_text(url):
            return complaint
        try:
            parts = urlsplit(url)
        except ValueError:
            return "is no web address"
        schemes = {"https", "http"} if self.is_private_allowed else {"https"}
        if parts.scheme not in schemes:
            return "does not begin with https://"
        if "@" in parts.netloc:
            return "has a user name or a password in it"
        written = _AUTHORITY.fullmatch(parts.netloc)
        if written is None or len(written["host"]) > _LONGEST_NAME:
            return "names no host, or not in a plain way"
        return self._complaint_of_port(written["port"]) or self._complaint_of_host(
            written["host"].lower()
        )

    def _complaint_of_port(self, port: str | None) -> str | None:
        if port is None:
            return None
        number = int(port)
        if not 0 < number <= _LAST_PORT:
            return "has a port that does not exist"
        if self.is_private_allowed or number == _HTTPS_PORT:
            return None
        if number < _FIRST_FREE_PORT:
            return (
                f"has a port of another service; {_HTTPS_PORT}, and "
                f"{_FIRST_FREE_PORT} and above are allowed"
            )
        return None

    def _complaint_of_host(self, host: str) -> str | None:
        last = host.rpartition(".")[2]
        if host.startswith("[") or _NUMBER.fullmatch(last):
            address = read_address(host.strip("[]"))
            if address is None:
                return "has an IP address that is not written in the usual way"
            return None if self.may_connect(address) else _PRIVATE
        if self.is_private_allowed:
            return None
        return _PRIVATE if last == host or last in _HOME_NAMES else None


def _complaint_of_text(url: str) -> str | None:
    if len(url) > MAX_LENGTH:
        return f"is longer than {MAX_LENGTH} characters"
    if not _WRITTEN.fullmatch(url) or "\\" in url or "#" in url:
        return "has characters that do not belong into one"
    return None


def read_address(text: str) -> IPAddress | None:
    """Give the IP address that *text* is, in the usual form; None for everything else."""
    try:
        return IPv6Address(text) if ":" in text else IPv4Address(text)
    except AddressValueError:
        return None


def without_secrets(url: str) -> str:
    """Give where *url* leads: neither its path nor its query, where keys may travel."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or "?"
        port = parts.port
    except ValueError:
        return "?"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")

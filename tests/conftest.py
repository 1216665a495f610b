"""For all tests: nothing leaves this machine, so no test can spend money or post anywhere."""

import ipaddress
import sys
from typing import Any


def pytest_configure() -> None:
    """Watch every socket of this process; a hook, once added, stays."""
    sys.addaudithook(_refuse_the_network)


def _refuse_the_network(event: str, details: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = details[1]  # a path for a Unix socket
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = details[0]
    else:
        return
    if isinstance(host, str) and not _is_here(host):
        raise RuntimeError(f"A test tried to reach {host}; only loopback is allowed.")


def _is_here(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host in {"", "localhost"}
    return address.is_loopback or address.is_unspecified

"""The one HTTP client towards Ideogram: httpx's API on aiohttp's sockets.

The client is made once and kept: making one costs 20 ms of the event loop, and aiohttp below
needs less than half the CPU of httpx's own transport. aiohttp repeats idempotent requests on
a connection that was closed meanwhile, and never a POST.
"""

import aiohttp
import httpx
from httpx_aiohttp import HttpxAiohttpClient
from httpx_aiohttp.transport import AiohttpResponseStream

_USER_AGENT = "ideogram-bot/0.1 (+https://pypi.org/project/ideogram-bot/)"

# Shorter than what load balancers and servers in front of the API keep an idle connection
# for (60 s and more), so that a paid call hardly ever meets one that is just being closed.
_KEEP_ALIVE_S = 15.0

# How much of an answer is passed on at once. httpx-aiohttp's own 16 KiB makes a picture of
# 1.5 MB a hundred trips through four layers. aiohttp's buffers of some 0.7 MiB a download
# weigh more, so whoever calls keeps the number of downloads at one time small.
_READ = 128 * 1024

_LOOPBACK = ("all://127.0.0.1", "all://localhost", "all://[::1]")

# What aiohttp raises before a byte of the request is out. httpx-aiohttp calls nearly every
# failure ConnectTimeout, also a connection cut while Ideogram draws, so its names tell nothing.
_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)

# What sending and reading may raise: httpx-aiohttp lets some of aiohttp's own through.
FAILURES = (httpx.HTTPError, aiohttp.ClientError)


def make_http(*, max_connections: int = 100) -> httpx.AsyncClient:
    """Make the client; it follows no redirects and belongs into an AsyncExitStack.

    Proxies of the environment are used, because some networks know no other way out; the key
    travels inside TLS there. This machine's own addresses are always reached directly.
    """
    AiohttpResponseStream.CHUNK_SIZE = _READ
    return HttpxAiohttpClient(
        follow_redirects=False,
        headers={"User-Agent": _USER_AGENT},
        limits=httpx.Limits(
            max_connections=max_connections, keepalive_expiry=_KEEP_ALIVE_S
        ),
        mounts=dict.fromkeys(_LOOPBACK),
    )


def was_not_sent(error: Exception) -> bool:
    """Say whether *error* surely came before the request left this machine."""
    return isinstance(error.__cause__, _BEFORE_SENDING)

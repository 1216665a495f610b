"""One try over HTTP, to a real receiver on loopback."""

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiohttp.abc import AbstractResolver

from bot.callbacks.guard import Rules
from bot.callbacks.outcome import Answer
from bot.callbacks.sending import open_post
from bot.clock import SystemClock
from tests.fakes.receiver import receiver
from tests.fakes.sockets import raw_server

HEADERS = {"X-Ideogram-Bot-Delivery": "job0.completed"}
PRIVATE_TOO = Rules(is_private_allowed=True)


class LyingResolver(AbstractResolver):
    """A name server that says of every name what it was told to say."""

    def __init__(self, *addresses):
        self.addresses = addresses
        self.asked = []

    async def resolve(self, host, port=0, family=socket.AF_INET):
        self.asked.append(host)
        if not self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, f"no such name: {host}")
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in self.addresses
        ]

    async def close(self):
        pass


@dataclass(frozen=True)
class Blind(Rules):
    """Rules that do not look at what is written, only at connections."""

    def check(self, url):
        pass


@asynccontextmanager
async def post(rules=PRIVATE_TOO, **options):
    async with open_post(rules=rules, clock=SystemClock(), **options) as opened:
        yield opened


@pytest.fixture
async def there():
    async with receiver() as made:
        yield made


async def test_the_receiver_gets_the_bytes(there):
    async with post() as send:
        answer = await send(there.url, b'{"jobId": "job0"}', HEADERS)

    assert answer == Answer(status=200)
    [taken] = there.taken
    assert taken.path == "/hook?key=receivers-secret"
    assert (taken.body, taken.delivery) == ({"jobId": "job0"}, "job0.completed")


async def test_a_name_is_looked_up(there):
    """The system's own resolver knows this machine."""
    async with post() as send:
        answer = await send(there.url.replace("127.0.0.1", "localhost"), b"{}", HEADERS)

    assert answer.status == 200


async def test_a_redirect_is_not_followed(there):
    """It would lead around the guard."""
    there.script = [302]
    there.headers = {"Location": there.url}

    async with post() as send:
        answer = await send(there.url, b"{}", HEADERS)

    assert answer.status == 302
    assert len(there.taken) == 1


async def test_retry_after_is_read(there):
    there.script = [429]
    there.headers = {"Retry-After": "7"}

    async with post() as send:
        answer = await send(there.url, b"{}", HEADERS)

    assert answer == Answer(status=429, retry_after=timedelta(seconds=7))


async def test_a_silent_receiver_is_given_up(there):
    there.silence = asyncio.Event()

    async with post(time_limit=timedelta(seconds=0.05)) as send:
        answer = await send(there.url, b"{}", HEADERS)
    there.silence.set()

    assert answer == Answer(problem="No answer within 0.05 seconds")


async def test_an_endless_answer_is_not_read():
    """Its status says all; the connection is closed behind it."""
    sent = 0

    async def drown(reader, writer):
        nonlocal sent
        await reader.request()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    async with raw_server(drown) as server, post() as send:
        answer = await send(server.url, b"{}", HEADERS)

    assert answer.status == 200
    assert sent < 20_000_000  # what the system's own buffers hold, not what was offered


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param(b"", "broke", id="hangs up"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", "broke", id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000, "broke", id="long head"),
    ],
)
async def test_what_is_no_answer_is_a_problem(said, told):
    async def say(reader, writer):
        await reader.request()
        writer.write(said)
        await writer.drain()

    async with raw_server(say) as server, post() as send:
        answer = await send(server.url, b"{}", HEADERS)

    assert answer.status is None
    assert told in answer.text


async def test_nobody_there_is_a_problem(there):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        async with post() as send:
            answer = await send(f"http://127.0.0.1:{port}/", b"{}", HEADERS)

    assert answer == Answer(problem="It cannot be reached")


async def test_a_receiver_without_tls_is_a_problem(there):
    async with post() as send:
        answer = await send(there.url.replace("http:", "https:"), b"{}", HEADERS)

    assert answer.status is None
    assert there.taken == []


# --- the guard on the connection ------------------------------------------------


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["127.0.0.1"], id="loopback"),
        pytest.param(["::1"], id="IPv6 loopback"),
        pytest.param(["::ffff:127.0.0.1"], id="mapped"),
        pytest.param(["0.0.0.0"], id="this machine"),
        pytest.param(["::"], id="this machine in IPv6"),
        pytest.param(["10.0.0.1", "127.0.0.1", "::1"], id="several"),
        pytest.param(["169.254.169.254"], id="metadata"),
        pytest.param(["fe80::1%lo"], id="a zone"),
        pytest.param(["localhost"], id="a name for a name"),
    ],
)
async def test_a_lying_name_server_leads_nowhere(there, addresses):
    """A public name may point at this machine."""
    port = there.url.split(":")[2].split("/")[0]
    resolver = LyingResolver(*addresses)

    async with post(Rules(), resolver=resolver) as send:
        answer = await send(f"https://example.com:{port}/", b"{}", HEADERS)

    assert "private network" in answer.text
    assert resolver.asked == ["example.com"]
    assert there.taken == []


async def test_a_name_that_changes_its_mind_leads_nowhere(there):
    """Rebinding: each try looks the name up once, and connects to what was judged."""
    port = there.url.split(":")[2].split("/")[0]
    resolver = LyingResolver("127.0.0.1")
    url = f"http://rebinding.example:{port}/"

    async with post(PRIVATE_TOO, resolver=resolver) as send:
        assert (await send(url, b"{}", HEADERS)).status == 200
    async with post(Blind(), resolver=resolver) as send:
        answers = [await send(url, b"{}", HEADERS) for _ in range(2)]

    assert all("private network" in answer.text for answer in answers)
    assert resolver.asked == ["rebinding.example"] * 3
    assert len(there.taken) == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
async def test_an_address_in_figures_is_judged_too(there, host):
    """aiohttp asks no resolver about it."""
    port = there.url.split(":")[2].split("/")[0]

    async with post(Blind()) as send:
        answer = await send(f"http://{host}:{port}/", b"{}", HEADERS)

    assert "private network" in answer.text
    assert there.taken == []


async def test_an_address_that_is_no_longer_allowed_is_not_called(there):
    """The settings may have changed since it was written down."""
    async with post(Rules()) as send:
        answer = await send(there.url, b"{}", HEADERS)

    assert "https://" in answer.text
    assert there.taken == []


async def test_proxies_of_the_environment_are_not_used(there, monkeypatch):
    """A proxy would connect for us, and to anything."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    async with post() as send:
        answer = await send(there.url, b"{}", HEADERS)

    assert answer.status == 200


async def test_what_went_wrong_is_told_without_the_address():
    """A key may stand in it."""
    async with post(resolver=LyingResolver()) as send:
        answer = await send("http://example.com/key-4711", b"{}", HEADERS)

    assert answer.text == "Its name is not known"

"""Pictures: streamed, bounded, checked, and never with the key."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.domain.request import ImageRequest, MagicPrompt
from bot.errors import DownloadFailed, PictureExpired, PictureUnwelcome
from bot.ideogram.addresses import PictureHosts
from bot.ideogram.download import Downloader
from tests.fakes import ideogram
from tests.fakes.ideogram import ideogram_double
from tests.fakes.incoming import MemoryFile
from tests.fakes.sockets import raw_server

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200_000)
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(100)
MIB = 1024 * 1024


class Stopped:
    """A clock that stands still."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def url(double, client):
    """Give the address of a picture that was just drawn."""
    drawn = await client.draw(
        ImageRequest(prompt="a fox", model="V_2", seed=1, magic_prompt=MagicPrompt.OFF)
    )
    return drawn.images[0].url


@pytest.fixture
def make_downloader(http):
    """Give downloaders that read from loopback; other keywords go to them."""

    def make(**changes):
        keywords = {
            "http": http,
            "hosts": PictureHosts(
                names=(), api_host="127.0.0.1", is_plain_allowed=True
            ),
            "clock": Stopped(datetime(2026, 1, 1, tzinfo=UTC)),
            "time_limit": timedelta(seconds=30),
            **changes,
        }
        return Downloader(**keywords)

    return make


def serving(body: bytes, head: bytes = b"HTTP/1.1 200 OK"):
    """Give a handler that answers with *head* and *body*, its length announced."""

    async def handler(reader, writer):
        while True:
            await reader.request()
            length = f"\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head + length.encode() + body)

    return handler


async def test_a_picture_arrives_whole(double, client, url):
    """Byte for byte what was served."""
    first, second = MemoryFile(), MemoryFile()

    await client.download(url, first)
    await client.download(url, second)

    assert first.content == second.content
    assert first.content.startswith(b"\x89PNG")
    assert first.content.endswith(b"IEND\xaeB`\x82")


async def test_the_key_is_never_sent_along(double, client, url):
    """A picture's address is signed; its host is another one than the API's."""
    await client.download(url, MemoryFile())

    headers = double.downloads[0].headers
    assert double.key not in str(headers)
    assert not {"api-key", "authorization", "ocp-apim-subscription-key"} & set(headers)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")],
)
async def test_the_content_type_is_read_from_the_bytes(
    make_downloader, body, content_type
):
    """Headers claim what they like; gateways re-host JPEGs as .png."""
    file = MemoryFile()
    async with raw_server(serving(body)) as server:
        read = await make_downloader().download(server.url + "/a.png", file)

    assert read == content_type
    assert file.content == body


async def test_the_content_is_recognised_however_it_arrives(make_downloader):
    """The network cuts where it likes, also within the first bytes."""

    async def drops():
        for at in range(0, len(WEBP), 3):
            yield WEBP[at : at + 3]

    def answer(_request):
        return httpx.Response(200, content=drops())

    file = MemoryFile()
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        read = await make_downloader(http=http).download("http://127.0.0.1/a", file)

    assert read == "image/webp"
    assert file.content == WEBP


async def test_a_large_picture_is_never_in_memory_whole(make_downloader):
    """Fifty of 10 MiB at once must not fill the machine."""
    file = MemoryFile()
    async with raw_server(serving(PNG + bytes(2 * MIB))) as server:
        await make_downloader().download(server.url, file)

    assert file.largest_chunk <= 128 * 1024


# --- what fails -------------------------------------------------------------


async def test_a_truncated_picture_is_tried_again(double, client, url):
    """Half a picture is no picture; its address still lives."""
    double.faults.download.append(ideogram.cut_off())

    with pytest.raises(DownloadFailed) as failed:
        await client.download(url, MemoryFile())

    assert failed.value.retryable
    assert not isinstance(failed.value, PictureExpired)


async def test_a_truncated_picture_in_chunks_is_noticed(make_downloader):
    """Without a length, the missing last chunk tells."""

    async def handler(reader, writer):
        await reader.request()
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"%x\r\n%b\r\n" % (len(PNG), PNG))
        await writer.drain()

    async with raw_server(handler) as server:
        with pytest.raises(DownloadFailed):
            await make_downloader().download(server.url, MemoryFile())


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(ideogram.wrong_content(), id="web page"),
        pytest.param(ideogram.wrong_content(b"\x89PNG"), id="too short"),
        pytest.param(ideogram.wrong_content(b""), id="nothing"),
        pytest.param(ideogram.server_error(), id="500"),
        pytest.param(ideogram.busy(), id="429"),
    ],
)
async def test_a_wrong_answer_is_tried_again(double, client, url, fault):
    """The address still lives, and asking costs nothing."""
    double.faults.download.append(fault)

    with pytest.raises(DownloadFailed) as failed:
        await client.download(url, MemoryFile())

    assert failed.value.retryable
    assert not isinstance(failed.value, PictureExpired)


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_dead_address_has_expired(double, client, url, status):
    """Which status an expired address gets is not documented."""
    double.faults.download.append(ideogram.gone(status))

    with pytest.raises(PictureExpired):
        await client.download(url, MemoryFile())


async def test_the_services_own_expiry_is_recognised(make_client):
    """The signature's time has run out."""
    async with ideogram_double(url_lifetime=timedelta(seconds=-1)) as double:
        client = make_client(double.url)
        drawn = await client.draw(ImageRequest(prompt="a fox", model="V_2", seed=1))

        with pytest.raises(PictureExpired):
            await client.download(drawn.images[0].url, MemoryFile())


@pytest.mark.parametrize(
    ("exp", "error"), [(1, PictureExpired), (99_999_999_999, DownloadFailed)]
)
async def test_an_address_past_its_time_explains_any_status(
    make_downloader, exp, error
):
    """`exp` in the past: trying the same address again would be in vain."""
    head = b"HTTP/1.1 400 Bad Request"
    async with raw_server(serving(b"", head)) as server:
        with pytest.raises(DownloadFailed) as failed:
            await make_downloader().download(
                f"{server.url}/a.png?exp={exp}&sig=x", MemoryFile()
            )

    assert type(failed.value) is error


async def test_an_address_past_its_time_is_tried_all_the_same(make_downloader):
    """Our clock may be wrong, and drawing again costs money."""
    async with raw_server(serving(PNG)) as server:
        read = await make_downloader().download(
            f"{server.url}/a.png?exp=1", MemoryFile()
        )

    assert read == "image/png"


async def test_a_slow_picture_is_given_up(make_downloader, double, client, url):
    """A trickle must not hold a job for ever."""
    double.faults.download.append(ideogram.silence())
    downloader = make_downloader(time_limit=timedelta(seconds=0.2))

    with pytest.raises(DownloadFailed, match="too long"):
        await downloader.download(url, MemoryFile())


async def test_nobody_there_is_tried_again(make_downloader):
    """The host may be back in a moment."""
    async with raw_server(None) as server:
        url = server.url

    with pytest.raises(DownloadFailed) as failed:
        await make_downloader().download(url, MemoryFile())

    assert failed.value.retryable


# --- what is not taken ------------------------------------------------------


async def test_an_announced_giant_is_not_read(make_downloader):
    """The size is known before a byte of it was written."""
    file = MemoryFile()
    async with raw_server(serving(PNG)) as server:
        with pytest.raises(PictureUnwelcome) as failed:
            await make_downloader(max_bytes=100_000).download(server.url, file)

    assert not failed.value.retryable
    assert not file.content


async def test_a_giant_in_disguise_is_cut_off(make_downloader):
    """Without a length, the bytes are counted."""

    async def handler(reader, writer):
        await reader.request()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + PNG)
        while True:
            writer.write(bytes(65536))
            await writer.drain()

    file = MemoryFile()
    async with raw_server(handler) as server:
        with pytest.raises(PictureUnwelcome, match="larger than 1 MiB"):
            await make_downloader(max_bytes=MIB).download(server.url, file)

    assert len(file.content) <= MIB


@pytest.mark.parametrize(
    "url", ["https://evil.example/a.png", "http://ideogram.ai/a.png", "nonsense"]
)
async def test_a_foreign_host_is_never_asked(client, url):
    """An answer's address is not trusted; the remedy is named."""
    with pytest.raises(PictureUnwelcome, match="IDEOGRAM_IMAGE_HOSTS") as failed:
        await client.download(url, MemoryFile())

    assert not failed.value.retryable


async def test_an_allowed_hosts_redirect_is_followed(make_downloader):
    """Within the allowed hosts, a picture may have moved."""
    async with raw_server(serving(PNG)) as target:
        head = f"HTTP/1.1 302 Found\r\nLocation: {target.url}/b.png".encode()
        async with raw_server(serving(b"", head)) as server:
            read = await make_downloader().download(server.url, MemoryFile())

    assert read == "image/png"
    assert target.requests == 1


async def test_a_foreign_redirect_is_refused(make_downloader):
    """The way out of the allowed hosts, by the back door."""
    head = b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/a.png"
    async with raw_server(serving(b"", head)) as server:
        with pytest.raises(PictureUnwelcome):
            await make_downloader().download(server.url, MemoryFile())


@pytest.mark.parametrize("location", [b"http://[bad", b"http://a..b/", b"\xff"])
async def test_a_redirect_to_no_address_is_refused(make_downloader, location):
    """What cannot even be read as an address must not fail in another way."""
    head = b"HTTP/1.1 302 Found\r\nLocation: " + location
    async with raw_server(serving(b"", head)) as server:
        with pytest.raises(DownloadFailed):
            await make_downloader().download(server.url, MemoryFile())


async def test_a_redirect_in_a_circle_ends(make_downloader):
    """Three steps and no more."""
    head = b"HTTP/1.1 302 Found\r\nLocation: /again"
    async with raw_server(serving(b"", head)) as server:
        with pytest.raises(DownloadFailed, match="round and round"):
            await make_downloader().download(server.url, MemoryFile())

    assert server.requests == 4

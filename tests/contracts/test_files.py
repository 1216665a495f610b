"""What every Files promises."""

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest

from bot.errors import NotFound, StorageError

NOVEMBER = datetime(2026, 11, 20, tzinfo=UTC)
PICTURE = bytes(range(256)) * 4096  # 1 MiB: more than is gathered before it is written


async def read(files, path):
    async with files.on_disk(path) as file:
        return file.read_bytes()


async def keep(files, content, content_type="image/png", at=NOVEMBER, size=65_536):
    async with files.receive() as incoming:
        for start in range(0, len(content), size):
            await incoming.write(content[start : start + size])
        return await incoming.store(content_type, created_at=at)


async def test_a_stored_file_has_the_bytes_that_came(files):
    stored = await keep(files, PICTURE)

    assert await read(files, stored.path) == PICTURE
    assert stored.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert stored.size_bytes == len(PICTURE)


@pytest.mark.parametrize(
    ("content_type", "extension"),
    [("image/png", "png"), ("image/jpeg", "jpg"), ("image/webp", "webp")],
)
async def test_a_file_is_named_by_its_month_and_content(files, content_type, extension):
    stored = await keep(files, b"picture", content_type)

    digest = hashlib.sha256(b"picture").hexdigest()
    assert stored.path == f"2026/11/{digest[:2]}/{digest}.{extension}"


async def test_the_same_bytes_are_one_file(files):
    assert (await keep(files, PICTURE)) == (await keep(files, PICTURE, size=1000))


async def test_what_is_no_picture_is_refused(files):
    with pytest.raises(StorageError, match="PNG, JPEG and WebP"):
        await keep(files, b"<html>", "text/html")


async def test_an_empty_file_is_a_file(files):
    """Whether it is a picture the download decides."""
    stored = await keep(files, b"")

    assert await read(files, stored.path) == b""


async def test_what_was_not_stored_is_gone(files, tmp_path):
    async with files.receive() as incoming:
        await incoming.write(PICTURE)

    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".part"]


async def test_a_cancelled_download_leaves_nothing(files, tmp_path):
    """Cancelled in the middle of a write, which goes on in its thread."""

    async def download():
        async with files.receive() as incoming:
            while True:
                await incoming.write(PICTURE)

    task = asyncio.ensure_future(download())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".part"]


async def test_files_come_in_side_by_side(files):
    contents = [bytes([number]) * 300_000 for number in range(20)]

    stored = await asyncio.gather(*(keep(files, content) for content in contents))

    for file, content in zip(stored, contents, strict=True):
        assert await read(files, file.path) == content


async def test_delete_says_whether_there_was_a_file(files):
    stored = await keep(files, PICTURE)

    assert await files.delete(stored.path)
    assert not await files.delete(stored.path)
    with pytest.raises(NotFound):
        await read(files, stored.path)


@pytest.mark.parametrize(
    "path",
    ["../secret", "/etc/passwd", "2026/../../x", "", "a\0b", "..\\x", "a/b/.."],
)
async def test_no_path_leaves_the_folder(files, path):
    """Records may come from elsewhere; their paths are not to be trusted."""
    with pytest.raises(NotFound):
        await read(files, path)
    with pytest.raises(NotFound):
        await files.delete(path)

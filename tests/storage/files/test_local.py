"""Pictures in a folder: what a crash leaves, what may be deleted, what is ours."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import DownloadFailed, StorageError
from storage.files.local import Deleted, LocalFiles

NOW = datetime(2026, 11, 20, tzinfo=UTC)

# Another process in the middle of a download; it says so, then waits.
RECEIVE = """
import asyncio, sys
from pathlib import Path
from storage.files.local import LocalFiles

async def main():
    async with LocalFiles(Path(sys.argv[1])).receive() as incoming:
        await incoming.write(bytes(600_000))
        print("writing", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@pytest.fixture
def root(tmp_path):
    return tmp_path / "images"


async def keep(files, content):
    async with files.receive() as incoming:
        await incoming.write(content)
        return (await incoming.store("image/png", created_at=NOW)).path


def pieces(root):
    return list(root.rglob("*.part"))


async def test_prepare_tidies_up_after_a_crash_only(root):
    """What a living process writes is not touched: a terminal command beside a `run`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RECEIVE,
        str(root),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    await process.stdout.readline()
    while_alive = await LocalFiles(root).prepare()
    process.kill()
    await process.communicate()

    assert while_alive == 0
    assert len(pieces(root)) == 1
    assert await LocalFiles(root).prepare() == 1
    assert pieces(root) == []


async def test_prepare_says_when_nothing_can_be_written(tmp_path):
    (tmp_path / "images").write_text("in the way")

    with pytest.raises(StorageError):
        await LocalFiles(tmp_path / "images").prepare()


async def test_nothing_is_seen_before_it_is_whole(root):
    files = LocalFiles(root)
    async with files.receive() as incoming:
        await incoming.write(bytes(600_000))

        assert [path.suffix for path in root.rglob("*") if path.is_file()] == [".part"]


async def test_storing_again_makes_the_file_young_again(root):
    """The sweep leaves alone what is about to be used."""
    files = LocalFiles(root)
    path = await keep(files, b"picture")
    os.utime(files.local_path(path), (0, 0))

    await keep(files, b"picture")

    assert [batch async for batch in files.stored_before(NOW)] == []


async def test_a_damaged_file_is_healed_by_storing_again(root):
    files = LocalFiles(root)
    path = await keep(files, b"picture")
    files.local_path(path).write_bytes(b"pic")

    await keep(files, b"picture")

    assert files.local_path(path).read_bytes() == b"picture"


async def test_only_unused_files_are_deleted(root):
    """Someone deletes one of two records of the same bytes."""
    used = set()

    async def find_unused(paths):
        return [path for path in paths if path not in used]

    files = LocalFiles(root, find_unused=find_unused)
    first, second = await keep(files, b"1"), await keep(files, b"22")
    used.add(first)

    deleted = await files.delete_unused([first, second, second])

    assert deleted == Deleted(files=1, size_bytes=2)
    assert files.local_path(first).exists()
    assert not await files.delete(first)


async def test_a_file_stored_since_is_not_deleted(root):
    files = LocalFiles(root)
    path = await keep(files, b"1")

    deleted = await files.delete_unused([path], stored_before=NOW - timedelta(days=1))

    assert deleted == Deleted()
    assert files.local_path(path).exists()


async def test_a_file_deleted_in_between_is_fetched_again(root):
    """Its record must not be written down without it."""
    files = LocalFiles(root)
    path = await keep(files, b"1")
    await files.delete(path)

    with pytest.raises(DownloadFailed) as error:
        async with files.holding([path]):
            pass

    assert error.value.retryable


async def test_while_records_are_written_down_nothing_is_deleted(root):
    files, elsewhere = LocalFiles(root), LocalFiles(root)
    path = await keep(files, b"1")

    async with files.holding([path]):
        async with files.holding([path]):  # many at once
            deleting = [
                asyncio.ensure_future(each.delete(path)) for each in (files, elsewhere)
            ]
            done, _ = await asyncio.wait(deleting, timeout=0.05)
        assert files.local_path(path).exists()
    deleted = await asyncio.gather(*deleting)

    assert done == set()
    assert sorted(deleted) == [False, True]


async def test_only_our_own_files_are_old(root):
    """Someone may keep notes in the same folder."""
    files = LocalFiles(root)
    path = await keep(files, b"1")
    young = await keep(files, b"2")
    (root / "notes.txt").write_text("mine")
    for name in ("notes.txt", path):
        os.utime(root / name, (0, 0))

    old = [batch async for batch in files.stored_before(NOW - timedelta(days=1))]

    assert old == [[path]]
    assert young != path

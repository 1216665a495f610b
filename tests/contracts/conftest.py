"""Every implementation of the stores, by name; each suite here runs over all of them.

The databases are in databases.py; the suites of upkeep in tests/storage take theirs from
there, too.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.ports.files import Files
from storage.files.local import LocalFiles
from tests.contracts.databases import DATABASES, Stores
from tests.fakes.bucket import AWAY, FakeBucket
from tests.fakes.bucketed import MovedFiles, bucket_house
from tests.fakes.buckets.places import CLOUDS, Servers, servers_fixture  # noqa: F401

OpenFiles = Callable[[Path, Servers], AbstractAsyncContextManager[Files]]


@asynccontextmanager
async def open_local(folder: Path, _: Servers) -> AsyncIterator[Files]:
    yield LocalFiles(folder / "images")


@asynccontextmanager
async def open_waiting(folder: Path, _: Servers) -> AsyncIterator[Files]:
    """Pictures that wait for a bucket that is down."""
    async with bucket_house(folder, FakeBucket(error=AWAY)) as house:
        yield house.files


def open_moved(cloud: str) -> OpenFiles:
    """Pictures that are in a bucket alone."""

    @asynccontextmanager
    async def opened(folder: Path, servers: Servers) -> AsyncIterator[Files]:
        async with (
            CLOUDS[cloud](servers) as made,
            bucket_house(folder, made.new().open()) as house,
            house.mover.running(),
        ):
            yield MovedFiles(house)

    return opened


FILES: dict[str, OpenFiles] = {
    "local": open_local,
    "waiting": open_waiting,
    **{cloud: open_moved(cloud) for cloud in CLOUDS},
}

OpenStores = Callable[[], AbstractAsyncContextManager[Stores]]


@pytest.fixture(params=DATABASES)
def database(request):
    """Opens the stores of one database on a folder."""
    return DATABASES[request.param]


@pytest.fixture
def open_stores(database, tmp_path) -> OpenStores:
    """Opens the same database each time it is called, as a restart does."""
    return lambda: database(tmp_path)


@pytest.fixture
async def stores(open_stores) -> AsyncIterator[Stores]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(open_stores())


@pytest.fixture(params=FILES)
async def files(request, tmp_path, servers) -> AsyncIterator[Files]:
    async with FILES[request.param](tmp_path, servers) as opened:
        yield opened

"""Empty buckets in each cloud, for whatever is to be tested with one.

A test module takes the fixture over by importing it, and then asks for it by its name:

    from tests.fakes.buckets.places import cloud_fixture, servers_fixture  # noqa: F401

    async def test_x(cloud):
        bucket = cloud.new().open()

It runs once for each cloud; Azure is skipped where azurite is not installed. For S3
alone: `s3_cloud_fixture`, named `s3`.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest

from storage.files.bucket import LIMIT, Bucket, open_bucket
from tests.fakes.buckets.gcs import gcs_double, service_account
from tests.fakes.buckets.servers import (
    AZURE_ACCOUNT,
    AZURE_KEY,
    azurite_server,
    has_azurite,
    make_azure_container,
    make_s3_bucket,
    moto_server,
)

_NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A bucket as the settings name it."""

    url: str
    environment: Mapping[str, str] = field(repr=False)
    endpoint: str | None = None

    def open(self, *, limit: timedelta = LIMIT) -> Bucket:
        return open_bucket(
            self.url, environment=self.environment, endpoint=self.endpoint, limit=limit
        )


@dataclass(frozen=True, kw_only=True)
class FakeCloud:
    """Makes buckets; `place` is one that has not been made."""

    place: Place
    make: Callable[[str], None]

    def new(self) -> Place:
        """Make an empty bucket, and a prefix in it."""
        name = f"pictures-{next(_NUMBERS)}"
        self.make(name)
        return replace(self.place, url=self.place.url.replace("missing", name))


class Servers:
    """The services of one run of the tests, each started when it is first needed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._moto = ""
        self._azurite = ""

    def moto(self) -> str:
        self._moto = self._moto or self._stack.enter_context(moto_server())
        return self._moto

    def azurite(self) -> str:
        self._azurite = self._azurite or self._stack.enter_context(azurite_server())
        return self._azurite


@asynccontextmanager
async def s3_cloud(servers: Servers) -> AsyncIterator[FakeCloud]:
    moto = servers.moto()
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "made-up"}
    place = Place(url="s3://missing/bot/images", environment=keys, endpoint=moto)
    yield FakeCloud(place=place, make=lambda name: make_s3_bucket(moto, name))


@asynccontextmanager
async def gcs_cloud(servers: Servers) -> AsyncIterator[FakeCloud]:
    moto = servers.moto()
    async with gcs_double(moto) as address:
        # The address stands in the variable too, which is where a plain one is allowed.
        keys = {
            "GOOGLE_SERVICE_ACCOUNT_KEY": service_account(address),
            "GOOGLE_BASE_URL": address,
        }
        place = Place(url="gs://missing/bot/images", environment=keys)
        yield FakeCloud(place=place, make=lambda name: make_s3_bucket(moto, name))


@asynccontextmanager
async def azure_cloud(servers: Servers) -> AsyncIterator[FakeCloud]:
    if not has_azurite():
        pytest.skip("azurite is not installed; .ci/run does that.")
    azurite = servers.azurite()
    keys = {
        "AZURE_STORAGE_ACCOUNT_NAME": AZURE_ACCOUNT,
        "AZURE_STORAGE_ACCOUNT_KEY": AZURE_KEY,
        "AZURE_STORAGE_ENDPOINT": azurite,
    }
    place = Place(url="az://missing/bot/images", environment=keys)
    yield FakeCloud(place=place, make=lambda name: make_azure_container(azurite, name))


CLOUDS = {"s3": s3_cloud, "gs": gcs_cloud, "az": azure_cloud}


@pytest.fixture(scope="session", name="servers")
def servers_fixture() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(params=CLOUDS, name="cloud")
async def cloud_fixture(request, servers) -> AsyncIterator[FakeCloud]:
    async with CLOUDS[request.param](servers) as cloud:
        yield cloud


@pytest.fixture(name="s3")
async def s3_cloud_fixture(servers) -> AsyncIterator[FakeCloud]:
    async with s3_cloud(servers) as cloud:
        yield cloud

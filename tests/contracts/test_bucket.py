"""What every bucket does, whoever runs it."""

import hashlib
import os
from datetime import UTC, datetime, timedelta

import httpx
import obstore
import pytest

from bot.errors import NotFound, StorageError
from storage.files.bucket import PART_BYTES, Damaged
from tests.fakes.buckets.places import cloud_fixture, servers_fixture  # noqa: F401

HOUR = timedelta(hours=1)


def key_of(content, month="2026/11"):
    sha256 = hashlib.sha256(content).hexdigest()
    return f"{month}/{sha256[:2]}/{sha256}.png"


@pytest.fixture
def bucket(cloud):
    return cloud.new().open()


@pytest.fixture
def put(bucket, tmp_path):
    """Puts some bytes the way the mover does; gives their key."""

    async def put(content, **metadata):
        file = tmp_path / "waiting.png"
        file.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        await bucket.put(
            key_of(content),
            file,
            sha256=sha256,
            content_type="image/png",
            metadata=metadata,
        )
        return key_of(content)

    return put


async def plant(bucket, key, content):
    """Put bytes there as somebody else would."""
    await obstore.put_async(bucket._store, key, content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"fox", id="in one piece"),
        pytest.param(os.urandom(PART_BYTES + 1), id="in parts"),
    ],
)
async def test_what_was_put_comes_back(bucket, put, tmp_path, content):
    """The bytes of a picture are all that cannot be made again for nothing."""
    key = await put(content)
    await bucket.fetch(key, tmp_path / "back.png")

    assert (tmp_path / "back.png").read_bytes() == content


async def test_object_is_found_with_its_size_and_time(bucket, put):
    before = datetime.now(UTC) - timedelta(seconds=2)

    found = await bucket.find(await put(b"fox"))

    assert found.size_bytes == 3
    assert before < found.modified_at < before + HOUR


@pytest.mark.parametrize("size", [3, PART_BYTES + 1], ids=["in one piece", "in parts"])
async def test_browsers_are_told_what_it_is_and_to_keep_it(bucket, put, size):
    """The name changes with the bytes: what was once loaded is good for ever."""
    key = await put(bytes(size), seed="42", source="https://x.example/größe")

    async with httpx.AsyncClient() as client:
        answer = await client.get(await bucket.link(key, expires=HOUR))

    metadata = {
        name.rpartition("-")[2]: value
        for name, value in answer.headers.items()
        if "-meta-" in name
    }
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert metadata["seed"] == "42"
    assert metadata["source"] == "https://x.example/gr%C3%B6%C3%9Fe"


async def test_putting_again_changes_nothing(bucket, put):
    """The mover repeats after it was killed in the middle."""
    key = await put(b"fox")
    first = await bucket.find(key)

    await put(b"fox")

    assert await bucket.find(key) == first


@pytest.mark.parametrize(
    "there", [b"a wolf, longer", b"owl"], ids=["another size", "the same size"]
)
async def test_other_bytes_under_the_name_are_kept_and_told(bucket, put, there):
    """Nobody's object is ever overwritten."""
    await plant(bucket, key_of(b"fox"), there)

    with pytest.raises(Damaged, match="has other bytes"):
        await put(b"fox")

    found = await bucket.find(key_of(b"fox"))
    assert found.size_bytes == len(there)


async def test_file_damaged_while_it_waited_is_not_put(bucket, tmp_path):
    """A name must never stand for other bytes than its own."""
    file = tmp_path / "waiting.png"
    file.write_bytes(b"fox?")
    sha256 = hashlib.sha256(b"fox").hexdigest()

    with pytest.raises(StorageError, match="damaged on this machine") as refusal:
        await bucket.put(
            key_of(b"fox"), file, sha256=sha256, content_type="image/png", metadata={}
        )

    assert not isinstance(refusal.value, Damaged)  # the object, if any, is not at fault
    assert await bucket.find(key_of(b"fox")) is None


async def test_file_that_is_gone_is_not_put(bucket, tmp_path):
    with pytest.raises(StorageError):
        await bucket.put(
            "x.png", tmp_path / "no", sha256="", content_type="image/png", metadata={}
        )


async def test_missing_object_is_no_object(bucket, tmp_path):
    into = tmp_path / "back.png"

    found = await bucket.find(key_of(b"fox"))
    with pytest.raises(NotFound):
        await bucket.fetch(key_of(b"fox"), into)

    assert found is None
    assert not into.exists()


async def test_damaged_object_is_not_fetched(bucket, tmp_path):
    await plant(bucket, key_of(b"fox"), b"owl")
    into = tmp_path / "back.png"

    with pytest.raises(Damaged):
        await bucket.fetch(key_of(b"fox"), into)

    assert not into.exists()


async def test_delete_removes_what_is_there(bucket, put):
    """What is gone already stops nothing else from going."""
    keys = [await put(content) for content in (b"fox", b"owl")]

    await bucket.delete([key_of(b"never"), *keys, key_of(b"neither")])

    assert [await bucket.find(key) for key in keys] == [None, None]


async def test_list_is_sorted_and_goes_on_behind_a_key(bucket, put):
    keys = sorted([await put(bytes([number])) for number in range(5)])

    whole = [found.key async for page in bucket.list() for found in page]
    rest = [found.key async for page in bucket.list(after=keys[2]) for found in page]

    assert whole == keys
    assert rest == keys[3:]


async def test_damaged_object_can_be_put_aside(bucket, put):
    """Its place is free then for the picture drawn again."""
    await plant(bucket, key_of(b"fox"), b"owl")

    await bucket.put_aside(key_of(b"fox"))
    await bucket.put_aside(key_of(b"never there"))

    assert await bucket.find(key_of(b"fox")) is None
    aside = await bucket.find(f".damaged/{key_of(b'fox').rpartition('/')[2]}")
    assert aside.size_bytes == 3


async def test_link_ends(bucket, put):
    """What is shown in chat is no key for ever."""
    key = await put(b"fox")

    link = await bucket.link(key, expires=HOUR)

    assert key_of(b"fox").rpartition("/")[2].partition(".")[0] in link
    assert any(name in link for name in ("Expires=3600", "se="))


async def test_check_says_nothing_of_a_right_bucket_and_leaves_nothing(bucket):
    await bucket.check()

    assert [page async for page in bucket.list() if page] == []


async def test_missing_bucket_is_no_missing_object(cloud, tmp_path):
    """With FILES_URL mistyped, no picture may count as gone."""
    bucket = cloud.place.open()
    file = tmp_path / "waiting.png"
    file.write_bytes(b"fox")
    fox = hashlib.sha256(b"fox").hexdigest()

    for ask in (
        lambda: bucket.find("x"),
        lambda: bucket.fetch("x", tmp_path / "back"),
        lambda: bucket.delete(["x"]),
        lambda: anext(bucket.list()),
        bucket.check,
        lambda: bucket.put(
            "x", file, sha256=fox, content_type="image/png", metadata={}
        ),
    ):
        with pytest.raises(StorageError, match=r"is not there .*Create it") as refusal:
            await ask()
        assert cloud.place.url in refusal.value.text
        assert not refusal.value.retryable

"""What a bucket in trouble looks like to those who use it."""

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from aiohttp import web

from bot.errors import StorageError
from storage.files.bucket import PART_BYTES, open_bucket
from tests.fakes.buckets.places import s3_cloud_fixture, servers_fixture  # noqa: F401
from tests.fakes.buckets.proxy import forward, proxying
from tests.fakes.sockets import raw_server

PICTURE = b"fox" * 1000
SHA256 = hashlib.sha256(PICTURE).hexdigest()
KEY = f"2026/11/{SHA256[:2]}/{SHA256}.png"
# Real answers: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>made-up</Message></Error>"


@dataclass(frozen=True, kw_only=True)
class Case:
    status: int
    code: str
    says: str
    retryable: bool


CASES = {
    "no permission": Case(
        status=403, code="AccessDenied", says="Give its key", retryable=False
    ),
    "unknown key": Case(
        status=403,
        code="InvalidAccessKeyId",
        says="Correct AWS_ACCESS_KEY_ID",
        retryable=False,
    ),
    "wrong key": Case(
        status=403,
        code="SignatureDoesNotMatch",
        says="Correct AWS_ACCESS_KEY_ID",
        retryable=False,
    ),
    "expired token": Case(
        status=400, code="ExpiredToken", says="Correct AWS_ACCESS", retryable=False
    ),
    "not authenticated": Case(
        status=401, code="Unauthorized", says="does not accept", retryable=False
    ),
    "wrong clock": Case(
        status=403, code="RequestTimeTooSkewed", says="Set the clock", retryable=True
    ),
    "no bucket": Case(
        status=404, code="NoSuchBucket", says="Create it, or", retryable=False
    ),
    "no S3 at all": Case(
        status=404, code="Nothing", says="correct FILES_URL", retryable=False
    ),
    "another region": Case(
        status=400,
        code="AuthorizationHeaderMalformed",
        says="Set AWS_REGION",
        retryable=False,
    ),
    "too many requests": Case(
        status=429, code="TooManyRequests", says="is busy", retryable=True
    ),
    "slow down": Case(status=503, code="SlowDown", says="is busy", retryable=True),
    "broken": Case(status=500, code="InternalError", says="failed", retryable=True),
    "not understood": Case(
        status=400, code="InvalidRequest", says="refused", retryable=False
    ),
}


@pytest.fixture
async def trouble(s3):
    """A proxy in front of a bucket, and the bucket behind it."""
    place = s3.new()
    async with proxying(place.endpoint) as proxy:
        yield proxy, replace(place, endpoint=proxy.url)


@pytest.fixture
def picture(tmp_path):
    file = tmp_path / "waiting.png"
    file.write_bytes(PICTURE)
    return file


def put(bucket, file):
    return bucket.put(
        KEY, file, sha256=SHA256, content_type="image/png", metadata={"seed": "1"}
    )


def answering(case):
    async def answer(request):
        headers = {"Retry-After": "7"} if case.status in {429, 503} else {}
        return web.Response(
            status=case.status, text=ERROR.format(case.code), headers=headers
        )

    return answer


async def cut_off(request):
    await request.content.readany()
    request.transport.close()
    return web.Response()


async def cut_off_in_the_answer(request):
    answer = web.StreamResponse(headers={"Content-Length": "9000", "ETag": '"a"'})
    answer.headers["Last-Modified"] = "Fri, 20 Nov 2026 12:00:00 GMT"
    await answer.prepare(request)
    await answer.write(PICTURE[:1000])
    request.transport.close()
    return answer


async def never(request):
    await asyncio.Event().wait()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("deed", ["put", "fetch", "find", "list", "delete", "check"])
async def test_answer_names_the_bucket_and_the_remedy(
    trouble, picture, tmp_path, case, deed
):
    """Who reads it must know what to do; who repeats, whether it is worth it."""
    proxy, place = trouble
    proxy.fault = answering(case)
    bucket = place.open()
    asked = {
        "put": lambda: put(bucket, picture),
        "fetch": lambda: bucket.fetch(KEY, tmp_path / "back.png"),
        "find": lambda: bucket.find(KEY),
        "list": lambda: anext(bucket.list()),
        "delete": lambda: bucket.delete([KEY]),
        "check": bucket.check,
    }[deed]
    has_no_body = deed == "find" and case.status != 404  # the answer to a HEAD

    with pytest.raises(StorageError) as refusal:
        await asked()

    text = refusal.value.text
    assert place.url in text
    assert text.endswith(".")
    assert "made-up" not in text
    assert refusal.value.__cause__ is None
    if not has_no_body:
        assert case.says in text
        assert refusal.value.retryable is case.retryable


async def test_each_request_is_made_once(trouble, picture):
    """The mover repeats, by the settings; a busy service is not asked ten times more."""
    proxy, place = trouble
    proxy.fault = answering(CASES["slow down"])

    with pytest.raises(StorageError):
        await put(place.open(), picture)

    assert proxy.seen == ["PUT"]


async def test_slow_bucket_is_given_up(trouble, picture, tmp_path):
    """A bucket that hangs must not hold the mover for ever."""
    proxy, place = trouble
    proxy.fault = never
    bucket = place.open(limit=timedelta(seconds=0.2))

    for ask in (
        lambda: put(bucket, picture),
        lambda: bucket.fetch(KEY, tmp_path / "back.png"),
        lambda: bucket.find(KEY),
        lambda: anext(bucket.list()),
        lambda: bucket.delete([KEY]),
    ):
        with pytest.raises(StorageError, match="did not answer in time") as refusal:
            await ask()
        assert refusal.value.retryable


async def test_bucket_that_is_down_cannot_be_reached(picture):
    async with raw_server(None) as gone:
        address = gone.url
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "made-up"}
    bucket = open_bucket("s3://pictures", environment=keys, endpoint=address)

    with pytest.raises(StorageError, match="cannot be reached") as refusal:
        await put(bucket, picture)

    assert refusal.value.retryable


async def test_upload_cut_off_is_done_when_repeated(trouble, picture):
    """Killed in the middle, by either side."""
    proxy, place = trouble
    proxy.fault = cut_off
    bucket = place.open()
    with pytest.raises(StorageError, match="tries again") as refusal:
        await put(bucket, picture)
    proxy.fault = None

    await put(bucket, picture)

    assert refusal.value.retryable
    assert (await bucket.find(KEY)).size_bytes == len(PICTURE)


async def test_upload_whose_answer_was_lost_is_done_when_repeated(trouble, picture):
    """The service has it, and the bot does not know."""
    proxy, place = trouble

    async def lose_the_answer(request):
        await forward(request, proxy._target)
        request.transport.close()
        return web.Response()

    proxy.fault = lose_the_answer
    bucket = place.open()
    with pytest.raises(StorageError):
        await put(bucket, picture)
    proxy.fault = None

    await put(bucket, picture)

    assert (await bucket.find(KEY)).size_bytes == len(PICTURE)


async def test_parts_cut_off_leave_nothing_to_see(trouble, tmp_path):
    """Half a large picture is no picture."""
    proxy, place = trouble
    content = bytes(PART_BYTES + 1)
    file = tmp_path / "large.png"
    file.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"{sha256}.png"

    async def cut_the_second(request):
        is_second = request.query.get("partNumber") == "2"
        return await cut_off(request) if is_second else None

    async def put_large():
        await bucket.put(
            key, file, sha256=sha256, content_type="image/png", metadata={}
        )

    proxy.fault = cut_the_second
    bucket = place.open()
    with pytest.raises(StorageError):
        await put_large()
    proxy.fault = None
    halfway = await bucket.find(key)

    await put_large()

    assert halfway is None
    assert (await bucket.find(key)).size_bytes == len(content)


async def test_bytes_damaged_on_the_way_up_do_not_stay(trouble, picture):
    """Whoever changed them, the name must not stand for other bytes."""
    proxy, place = trouble

    async def damage(request):
        if request.method != "PUT":
            return None
        return await forward(request, proxy._target, body=PICTURE.upper())

    proxy.fault = damage
    bucket = place.open()
    with pytest.raises(StorageError, match="did not reach the bucket") as refusal:
        await put(bucket, picture)
    proxy.fault = None

    assert refusal.value.retryable
    assert await bucket.find(KEY) is None


async def test_download_cut_off_leaves_no_file(trouble, tmp_path):
    proxy, place = trouble
    proxy.fault = cut_off_in_the_answer
    into = tmp_path / "back.png"

    with pytest.raises(StorageError, match="tries again") as refusal:
        await place.open().fetch(KEY, into)

    assert refusal.value.retryable
    assert not into.exists()


@pytest.mark.parametrize(
    ("url", "variables"),
    [
        pytest.param("az://pictures", {}, id="no account"),
        pytest.param(
            "az://pictures",
            {"AZURE_STORAGE_ACCOUNT_NAME": "a", "AZURE_STORAGE_ACCOUNT_KEY": "made up"},
            id="no key of Azure's",
        ),
        pytest.param(
            "gs://pictures", {"GOOGLE_SERVICE_ACCOUNT_KEY": "made up"}, id="no JSON"
        ),
        pytest.param(
            "gs://pictures",
            {"GOOGLE_APPLICATION_CREDENTIALS": "/does/not/exist"},
            id="no file",
        ),
    ],
)
def test_key_without_sense_is_told_at_once(url, variables):
    """At the start, and without repeating it."""
    with pytest.raises(StorageError, match=r"makes no sense\. Correct") as refusal:
        open_bucket(url, environment=variables)

    assert "made up" not in refusal.value.text
    assert not refusal.value.retryable

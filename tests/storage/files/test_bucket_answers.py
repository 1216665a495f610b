"""What Azure and Google Cloud Storage say no with, in their own words."""

import hashlib
from dataclasses import dataclass

import pytest
from aiohttp import web

from bot.errors import StorageError
from storage.files.bucket import open_bucket
from tests.fakes.buckets.gcs import service_account
from tests.fakes.buckets.proxy import proxying
from tests.fakes.buckets.servers import AZURE_ACCOUNT, AZURE_KEY


@dataclass(frozen=True, kw_only=True)
class Case:
    status: int
    code: str
    says: str


# https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
AZURE = {
    "wrong key": Case(
        status=403, code="AuthenticationFailed", says="Correct AZURE_STORAGE_ACCOUNT"
    ),
    "no role": Case(
        status=403, code="AuthorizationPermissionMismatch", says="Give its key the role"
    ),
    "no container": Case(
        status=404, code="ContainerNotFound", says="Create it, or correct FILES_URL"
    ),
    "busy": Case(status=503, code="ServerBusy", says="is busy"),
    "too slow inside": Case(status=500, code="OperationTimedOut", says="tries again"),
}
# https://docs.cloud.google.com/storage/docs/xml-api/reference-status
GOOGLE = {
    "no token": Case(
        status=401, code="AuthenticationRequired", says="Correct GOOGLE_APPLICATION"
    ),
    "no permission": Case(
        status=403, code="AccessDenied", says="the permission storage.objects."
    ),
    "no bucket": Case(
        status=404, code="NoSuchBucket", says="Create it, or correct FILES_URL"
    ),
    "too many": Case(status=429, code="SlowDown", says="is busy"),
    "busy": Case(status=503, code="ServiceUnavailable", says="is busy"),
}
CASES = [
    pytest.param(url, case, id=f"{url[:2]} {name}")
    for url, cases in (("az://pictures/bot", AZURE), ("gs://pictures/bot", GOOGLE))
    for name, case in cases.items()
]
PICTURE = b"fox"
SHA256 = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture
async def answering():
    """Opens a bucket that gives this one answer to everything."""
    async with proxying("") as proxy:

        def start(url, status, code):
            async def answer(request):
                body = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>"
                return web.Response(status=status, text=body)

            proxy.fault = answer
            return open_bucket(
                url,
                environment={
                    "AZURE_STORAGE_ACCOUNT_NAME": AZURE_ACCOUNT,
                    "AZURE_STORAGE_ACCOUNT_KEY": AZURE_KEY,
                    "AZURE_STORAGE_ENDPOINT": proxy.url,
                    "GOOGLE_SERVICE_ACCOUNT_KEY": service_account("http://127.0.0.1"),
                    "GOOGLE_BASE_URL": proxy.url,
                },
            )

        yield start


@pytest.mark.parametrize(("url", "case"), CASES)
async def test_answer_names_the_bucket_and_the_remedy(answering, tmp_path, url, case):
    """Each cloud has its own codes, and its own variables to correct."""
    bucket = answering(url, case.status, case.code)
    file = tmp_path / "waiting.png"
    file.write_bytes(PICTURE)

    for ask in (
        lambda: bucket.put(
            "x.png", file, sha256=SHA256, content_type="image/png", metadata={}
        ),
        lambda: bucket.fetch("x.png", tmp_path / "back.png"),
        lambda: anext(bucket.list()),
        lambda: bucket.delete(["x.png"]),
        bucket.check,
    ):
        with pytest.raises(StorageError) as refusal:
            await ask()
        assert url in refusal.value.text
        assert case.says in refusal.value.text
        assert refusal.value.retryable is (case.status >= 429)


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        pytest.param("gs://pictures", 412, "PreconditionFailed", id="gs"),
        pytest.param("az://pictures", 409, "BlobAlreadyExists", id="az"),
    ],
)
async def test_taken_name_without_an_object_is_no_success(
    answering, tmp_path, url, status, code
):
    """Another upload of it may be under way, and fail yet."""
    opened = answering(url, status, code)
    file = tmp_path / "waiting.png"
    file.write_bytes(PICTURE)

    with pytest.raises(StorageError):
        await opened.put(
            "x.png", file, sha256=SHA256, content_type="image/png", metadata={}
        )

"""What a bucket says no with, as StorageError. Pure.

obstore tells kinds of errors apart only roughly; what the service answered stands in the
error's text, and is read from there. That text goes no further: it quotes addresses, and
a signature may be part of one.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import StorageError


class Deed(StrEnum):
    """What was asked of a bucket, as it reads in a sentence."""

    WRITE = "write"
    READ = "read"
    FIND = "look for"
    LIST = "list"
    DELETE = "delete"
    SIGN = "sign links to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Who runs the bucket, and what its errors should tell the operator."""

    keys: str
    permissions: dict[Deed, str]
    address: str


_AZURE_ROLE = "the role Storage Blob Data Contributor"
CLOUDS = {
    "s3": Cloud(
        keys="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        permissions={
            Deed.WRITE: "the permissions s3:PutObject and s3:AbortMultipartUpload",
            Deed.READ: "the permission s3:GetObject",
            Deed.FIND: "the permissions s3:GetObject and s3:ListBucket",
            Deed.LIST: "the permission s3:ListBucket",
            Deed.DELETE: "the permission s3:DeleteObject",
            Deed.SIGN: "the permission s3:GetObject",
        },
        address="AWS_ENDPOINT_URL and AWS_REGION",
    ),
    "gs": Cloud(
        keys="GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_SERVICE_ACCOUNT",
        permissions={
            Deed.WRITE: "the permission storage.objects.create",
            Deed.READ: "the permission storage.objects.get",
            Deed.FIND: "the permissions storage.objects.get and storage.objects.list",
            Deed.LIST: "the permission storage.objects.list",
            Deed.DELETE: "the permission storage.objects.delete",
            Deed.SIGN: "the permission iam.serviceAccounts.signBlob",
        },
        address="GOOGLE_BASE_URL",
    ),
    "az": Cloud(
        keys="AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
        permissions=dict.fromkeys(Deed, _AZURE_ROLE),
        address="AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ENDPOINT",
    ),
}

_STATUS = re.compile(r"status code: (\d{3})|\(code: (\d{3})\)")
_CODE = re.compile(r"<Code>(\w+)</Code>|\"error\": ?\"(\w+)\"|\(code: ([A-Za-z]\w+)\)")
# S3 deletes many at one time and gives a code for each, without a status.
_STATUS_OF = {"AccessDenied": "403", "InternalError": "500", "SlowDown": "503"}
# Where a machine in a cloud asks for credentials when none are set.
_METADATA = re.compile(r"//(169\.254\.\d+\.\d+|metadata\.google\.internal)")
_NO_BUCKET = re.compile(
    r"NoSuchBucket|ContainerNotFound|specified (bucket|container) does not exist"
)
_NO_OBJECT = re.compile(
    r"<Code>(NoSuchKey|BlobNotFound)</Code>|specified (blob|key) does not exist"
)
_BAD_KEYS = {
    "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
    "AuthenticationFailed", "InvalidAuthenticationInfo", "InvalidSecurity",
    "TokenRefreshRequired", "invalid_grant", "invalid_client",
}  # fmt: skip
_ELSEWHERE = {"AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect"}
_MOVED = {"301", "302", "307", "308"}
# How obstore writes what went wrong below HTTP.
_TIMED_OUT = re.compile(r"kind: Timeout|TimedOut|timed out")


def is_no_object(error: Exception) -> bool:
    """Say whether the service said, in so many words, that it has no such object.

    A 404 alone may come from a wrong address or a missing bucket.
    """
    return _NO_OBJECT.search(str(error)) is not None


def translate(error: Exception, *, bucket: str, deed: Deed) -> StorageError:
    """Give the error for what *bucket*, named by its URL, answered."""
    answer = _Answer.of(str(error), bucket)
    return (
        _about_key(answer, deed)
        or _about_place(answer)
        or (_about_answer(answer) if answer.status else _about_network(answer))
    )


def too_slow(bucket: str) -> StorageError:
    """Give the error for an answer that *bucket* did not give in time."""
    return StorageError(
        f"{bucket} did not answer in time. Check the network if this goes on; "
        "the bot tries again by itself."
    )


def final(text: str) -> StorageError:
    """Give an error that only the operator can help."""
    error = StorageError(text)
    error.retryable = False
    return error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What an error's text says: the status of HTTP, and the service's own code."""

    text: str
    bucket: str
    cloud: Cloud
    status: str
    code: str

    @classmethod
    def of(cls, text: str, bucket: str) -> "_Answer":
        code = _first(_CODE, text)
        return cls(
            text=text,
            bucket=f"The bucket {bucket}",
            cloud=CLOUDS[bucket.partition(":")[0]],
            status=_first(_STATUS, text) or _STATUS_OF.get(code, ""),
            code=code,
        )

    @property
    def why(self) -> str:
        return " ".join(filter(None, [self.status, self.code]))


def _about_key(answer: _Answer, deed: Deed) -> StorageError | None:
    if _METADATA.search(answer.text):
        return final(f"{answer.bucket} has no key yet. Set {answer.cloud.keys}.")
    if answer.code == "RequestTimeTooSkewed":
        return StorageError(
            f"{answer.bucket} says that this machine's clock is wrong ({answer.why}). "
            "Set the clock, best by NTP; the bot goes on by itself."
        )
    if answer.status == "401" or answer.code in _BAD_KEYS:
        return final(
            f"{answer.bucket} does not accept the bot's key ({answer.why}). "
            f"Correct {answer.cloud.keys}."
        )
    if answer.status == "403":
        return final(
            f"{answer.bucket} does not let the bot {deed} pictures ({answer.why}). "
            f"Give its key {answer.cloud.permissions[deed]}."
        )
    return None


def _about_place(answer: _Answer) -> StorageError | None:
    if _NO_BUCKET.search(answer.text) or answer.status == "404":
        return final(
            f"{answer.bucket} is not there ({answer.why}). Create it, or correct "
            f"FILES_URL, {answer.cloud.address}."
        )
    if answer.code in _ELSEWHERE or answer.status in _MOVED:
        return final(
            f"{answer.bucket} is in another region ({answer.why}). "
            "Set AWS_REGION to the bucket's."
        )
    return None


def _about_answer(answer: _Answer) -> StorageError:
    if answer.status in {"429", "503"}:
        return StorageError(
            f"{answer.bucket} is busy ({answer.why}). The bot tries again by itself."
        )
    if answer.status >= "500" or answer.status == "408":
        return StorageError(
            f"{answer.bucket} failed ({answer.why}). The bot tries again by itself."
        )
    return final(
        f"{answer.bucket} refused what the bot asked ({answer.why}). Check FILES_URL, "
        f"{answer.cloud.keys}, and what the service says about that answer."
    )


def _about_network(answer: _Answer) -> StorageError:
    if _TIMED_OUT.search(answer.text):
        return too_slow(answer.bucket)
    if "kind: Connect" in answer.text:
        return StorageError(
            f"{answer.bucket} cannot be reached. Check the network, and "
            f"{answer.cloud.address}; the bot tries again by itself."
        )
    return StorageError(
        f"{answer.bucket} broke off, or its answer was damaged. "
        "The bot tries again by itself."
    )


def _first(pattern: re.Pattern[str], text: str) -> str:
    """Give what the first match caught; empty when there is none."""
    found = pattern.search(text)
    return next(filter(None, found.groups()), "") if found else ""

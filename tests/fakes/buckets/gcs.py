"""Google Cloud Storage's XML API, as far as it differs from S3, in front of moto.

https://docs.cloud.google.com/storage/docs/xml-api/reference-headers
"""

import functools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.buckets.proxy import forward, proxying

_JWT_PARTS = 3
_ANYBODY = (
    "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


@functools.cache
def service_account(address: str) -> str:
    """Give the JSON of an account whose storage is at *address*."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return json.dumps(
        {
            "type": "service_account",
            "client_email": "bot@pictures.iam.gserviceaccount.com",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "gcs_base_url": address,
        }
    )


@asynccontextmanager
async def gcs_double(moto: str) -> AsyncIterator[str]:
    """Give the address of a storage whose buckets are moto's."""
    async with proxying(moto) as proxy:
        proxy.fault = lambda request: _answer(request, moto)
        yield proxy.url


async def _answer(request: web.Request, moto: str) -> web.StreamResponse:
    if refusal := _refusal(request):
        return refusal
    headers, path = _to_s3(request), _plain(request)
    if request.method == "DELETE":  # S3 says nothing of what is gone
        asked = request.clone(method="GET")
        found = await forward(asked, moto, headers=headers, path=path)
        if found.status == 404:
            return found
    answer = await forward(request, moto, headers=headers, path=path)
    for name, value in list(answer.headers.items()):
        if name.lower().startswith("x-amz-"):
            del answer.headers[name]
            answer.headers[f"x-goog-{name[6:]}"] = value
    answer.headers["x-goog-generation"] = "1"
    return answer


def _refusal(request: web.Request) -> web.Response | None:
    if any(name.lower().startswith("x-amz-") for name in request.headers):
        return _error(400, "InvalidArgument", "This is not S3.")
    if "delete" in request.query:
        return _error(400, "InvalidArgument", "Objects are deleted one at a time.")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_signed = request.query.get("X-Goog-Algorithm") == "GOOG4-RSA-SHA256"
    is_known = scheme == "Bearer" and len(token.split(".")) == _JWT_PARTS
    if not is_signed and not is_known:
        return _error(401, "AuthenticationRequired", "Authentication required.")
    match = request.headers.get("x-goog-if-generation-match", "0")
    if match != "0":
        return _error(
            400, "InvalidArgument", "Only 0, which is: create, is known here."
        )
    return None


def _to_s3(request: web.Request) -> dict[str, str]:
    # Moto looks at who asks and at no signature.
    headers = {"authorization": _ANYBODY} | {
        name.lower().replace("x-goog-", "x-amz-"): value
        for name, value in request.headers.items()
        if name.lower() != "authorization"
    }
    if headers.pop("x-amz-if-generation-match", None):
        headers["if-none-match"] = "*"
    return headers


def _plain(request: web.Request) -> str:
    """Give the path with nothing quoted that need not be: moto reads it so."""
    return f"{quote(request.path)}?{request.query_string}"


def _error(status: int, code: str, message: str) -> web.Response:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return web.Response(status=status, text=body, content_type="application/xml")

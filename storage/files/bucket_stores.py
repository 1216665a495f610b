"""How FILES_URL and the variables of a cloud become obstore's client. No network.

The variables are those that each cloud's own tools read, as far as obstore knows them:
https://developmentseed.org/obstore/latest/api/store/aws/#obstore.store.S3Config
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from bot.errors import StorageError
from storage.files.bucket_faults import CLOUDS, final

Store = S3Store | GCSStore | AzureStore

_CONNECT_LIMIT = timedelta(seconds=5)
# Repeating is the mover's, which knows when: obstore would repeat for three minutes.
_NO_RETRIES = {"max_retries": 0, "retry_timeout": timedelta(seconds=1)}

_AWS = """
ACCESS_KEY_ID SECRET_ACCESS_KEY SESSION_TOKEN TOKEN REGION DEFAULT_REGION ENDPOINT
ENDPOINT_URL ENDPOINT_URL_S3 VIRTUAL_HOSTED_STYLE_REQUEST UNSIGNED_PAYLOAD
CHECKSUM_ALGORITHM DISABLE_BULK_DELETE SERVER_SIDE_ENCRYPTION SSE_KMS_KEY_ID
SSE_BUCKET_KEY_ENABLED SSE_CUSTOMER_KEY_BASE64 REQUEST_PAYER IMDSV1_FALLBACK
METADATA_ENDPOINT CONTAINER_CREDENTIALS_RELATIVE_URI CONTAINER_CREDENTIALS_FULL_URI
CONTAINER_AUTHORIZATION_TOKEN_FILE WEB_IDENTITY_TOKEN_FILE ROLE_ARN ROLE_SESSION_NAME
STS_ENDPOINT
"""
_GOOGLE = """
APPLICATION_CREDENTIALS SERVICE_ACCOUNT SERVICE_ACCOUNT_PATH SERVICE_ACCOUNT_KEY
BASE_URL BEARER_TOKEN
"""
_AZURE = """
STORAGE_ACCOUNT_NAME STORAGE_ACCOUNT_KEY STORAGE_ACCESS_KEY STORAGE_MASTER_KEY
STORAGE_CLIENT_ID CLIENT_ID STORAGE_CLIENT_SECRET CLIENT_SECRET STORAGE_TENANT_ID
TENANT_ID STORAGE_AUTHORITY_ID AUTHORITY_ID STORAGE_AUTHORITY_HOST AUTHORITY_HOST
STORAGE_SAS_KEY STORAGE_SAS_TOKEN STORAGE_TOKEN STORAGE_ENDPOINT ENDPOINT MSI_ENDPOINT
IDENTITY_ENDPOINT OBJECT_ID MSI_RESOURCE_ID FEDERATED_TOKEN_FILE USE_AZURE_CLI
CREDENTIAL_TYPE ENCRYPTION_KEY
"""
_STORES: dict[str, tuple[type[Any], str, str]] = {
    "s3": (S3Store, "AWS_", _AWS),
    "gs": (GCSStore, "GOOGLE_", _GOOGLE),
    "az": (AzureStore, "AZURE_", _AZURE),
}


def make_store(
    url: str, environment: Mapping[str, str], endpoint: str | None, limit: timedelta
) -> Store:
    """Give the client; each of its requests ends within *limit*. Raises: StorageError."""
    scheme, _, place = url.partition("://")
    bucket, _, prefix = place.partition("/")
    store, variables, names = _STORES[scheme]
    config = _known(environment, variables, names.split())
    if scheme == "s3":
        config |= {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}
        config.setdefault("AWS_REGION", config.get("AWS_DEFAULT_REGION", "us-east-1"))
    try:
        made: Store = store(
            bucket,
            prefix=prefix.strip("/") or None,
            config=config,
            client_options={
                "allow_http": any(v.startswith("http://") for v in config.values()),
                "connect_timeout": min(_CONNECT_LIMIT, limit),
                "timeout": limit,
            },
            retry_config=_NO_RETRIES,
        )
    except (BaseError, ValueError, OSError):
        raise _senseless(url) from None  # its text may quote a key
    return made


def _known(
    environment: Mapping[str, str], variables: str, names: list[str]
) -> dict[str, str]:
    """Give the variables that obstore knows; it refuses all others."""
    given = {name: environment.get(variables + name, "").strip() for name in names}
    return {variables + name: value for name, value in given.items() if value}


def _senseless(url: str) -> StorageError:
    keys = CLOUDS[url.partition(":")[0]].keys
    return final(f"The key for the bucket {url} makes no sense. Correct {keys}.")

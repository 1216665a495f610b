"""The services that stand for the clouds: moto for S3, azurite for Azure.

Each runs on a port that the system gives, for as long as its block.
"""

import base64
import hashlib
import hmac
import http.client
import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from moto.server import ThreadedMotoServer

AZURITE = "azurite-blob"
# Known to all: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
AZURE_ACCOUNT = "devstoreaccount1"
AZURE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"
    "K1SZFPTOtr/KBHBeksoGMGw=="
)
_AZURE_VERSION = "2021-12-02"


def has_azurite() -> bool:
    """Say whether azurite is installed; .ci/run installs it."""
    return shutil.which(AZURITE) is not None


@contextmanager
def moto_server() -> Iterator[str]:
    """Give the address of an S3 that knows no wrong key."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def azurite_server() -> Iterator[str]:
    """Give the address of an Azure account."""
    command = [
        *(shutil.which(AZURITE) or AZURITE, "--silent", "--inMemoryPersistence"),
        *("--blobHost", "127.0.0.1", "--blobPort", "0"),
        *("--skipApiVersionCheck", "--disableTelemetry"),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield f"{_listening(process)}/{AZURE_ACCOUNT}"
        finally:
            process.terminate()


def _listening(process: subprocess.Popen[str]) -> str:
    heard = []
    for line in process.stdout or []:
        heard.append(line)
        if found := re.search(r"listens on (http://\S+)", line):
            return found[1]
    raise AssertionError(f"azurite did not start: {''.join(heard)}")


def make_s3_bucket(address: str, name: str) -> None:
    """Make a bucket at moto."""
    _put(f"{address}/{name}", {})


def make_azure_container(address: str, name: str) -> None:
    """Make a container at azurite, signed as its documentation says."""
    # https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    to_sign = (
        f"PUT{chr(10) * 12}x-ms-date:{date}\nx-ms-version:{_AZURE_VERSION}\n"
        f"/{AZURE_ACCOUNT}/{AZURE_ACCOUNT}/{name}\nrestype:container"
    )
    key = base64.b64decode(AZURE_KEY)
    digest = hmac.new(key, to_sign.encode(), hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    headers = {
        "x-ms-date": date,
        "x-ms-version": _AZURE_VERSION,
        "Authorization": f"SharedKey {AZURE_ACCOUNT}:{signature}",
    }
    _put(f"{address}/{name}?restype=container", headers)


def _put(address: str, headers: dict[str, str]) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    with closing(connection):
        connection.request("PUT", f"{parts.path}?{parts.query}", headers=headers)
        answer = connection.getresponse()
        assert answer.status in {200, 201}, answer.read()

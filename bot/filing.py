"""Where pictures are kept: the part of the composition root that opens their place.

A folder, or a bucket with its waiting room and the mover between the two. Here are also
the last words of a command that does not stay: it moves what it can before it ends.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.ports.base import Clock
from bot.settings import Settings
from storage.files.bucket import open_bucket
from storage.files.bucketed import BucketFiles
from storage.files.loans import Loans
from storage.files.local import LocalFiles
from storage.files.moving import Mover
from storage.files.stored import StoredFiles
from storage.lock import OwnerLock
from storage.sqlite.database import Database
from storage.sqlite.records import SqliteRecords
from storage.sqlite.transfers import SqliteTransfers

log = logging.getLogger(__name__)

# How long a command that does not stay waits for the bucket.
PATIENCE = timedelta(seconds=20)
_LOOK_EVERY = timedelta(seconds=0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """The files, and who brings them to the bucket, if there is one."""

    files: StoredFiles
    mover: Mover | None


@asynccontextmanager
async def open_files(
    settings: Settings, *, db: Database, records: SqliteRecords, clock: Clock
) -> AsyncIterator[Filing]:
    """Open the place of FILES_URL. Raises: StorageError."""
    waiting = LocalFiles(
        settings.files_root,
        find_unused=records.find_unused,
        public_url=settings.cdn_base_url,
    )
    if not settings.has_bucket:
        yield Filing(files=waiting, mover=None)
        return
    bucket = open_bucket(
        settings.files_url,
        environment=credentials(),
        endpoint=settings.aws_endpoint_url,
    )
    transfers = SqliteTransfers(db=db)
    loans = Loans(settings.files_root / ".reading")
    try:
        yield Filing(
            files=BucketFiles(
                waiting=waiting,
                bucket=bucket,
                transfers=transfers,
                loans=loans,
                link_for=settings.link_hours,
                public_url=public_url(settings),
            ),
            mover=Mover(
                transfers=transfers,
                waiting=waiting,
                bucket=bucket,
                loans=loans,
                clock=clock,
                first_wait=settings.job_backoff_s,
            ),
        )
    finally:
        loans.close()


def credentials() -> Mapping[str, str]:
    """Give what the clouds' own tools read: the environment, and `.env` behind it."""
    written = {k: v for k, v in dotenv_values(".env").items() if v is not None}
    return {**written, **os.environ}


def public_url(settings: Settings) -> str | None:
    """Give the public address of the pictures: CDN_BASE_URL stands for the whole bucket."""
    if settings.cdn_base_url is None:
        return None
    prefix = urlsplit(settings.files_url).path.strip("/")
    return f"{settings.cdn_base_url}/{prefix}" if prefix else settings.cdn_base_url


async def finish_moving(mover: Mover | None, lock: OwnerLock) -> int:
    """Move what waits, unless a `run` does; wait for that one's deletions.

    What is left after PATIENCE is told in a sentence, and counted.
    """
    if mover is None:
        return 0
    if await asyncio.to_thread(lock.try_acquire):
        left = await mover.settle(PATIENCE)
        who = "the next run moves them"
    else:
        left = await _deletions_left(mover)
        who = "the run that is live goes on with them"
    if left:
        log.warning("Pictures that wait for the bucket: %d; %s", left, who)
    return left


async def _deletions_left(mover: Mover) -> int:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while await mover.deletions():  # noqa: ASYNC110 - another process works them
                await asyncio.sleep(_LOOK_EVERY.total_seconds())
    except TimeoutError:
        pass
    return await mover.deletions()

"""The memory, opened: the database's stores, the files and what keeps them in order."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.clock import SystemClock
from bot.filing import open_files
from bot.jobs.resize import AT_ONCE
from bot.settings import RetentionMessages, Settings
from storage.files.moving import Mover
from storage.files.stored import StoredFiles
from storage.retention import Retention
from storage.sqlite.alerts import SqliteAlerts
from storage.sqlite.audit import SqliteAudit
from storage.sqlite.batches import SqliteBatches
from storage.sqlite.callbacks import SqliteCallbacks
from storage.sqlite.copies import SqliteCopies
from storage.sqlite.database import Database, open_database
from storage.sqlite.forgetting import SqliteForgetting
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.ledger import SqliteLedger
from storage.sqlite.log import SqliteJobLog
from storage.sqlite.once import SqliteOnce
from storage.sqlite.records import SqliteRecords
from storage.sqlite.reviewing import SqliteReviews
from storage.sqlite.taking_back import SqliteTakeBacks
from storage.sqlite.upkeep import SqliteUpkeep


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The memory: records, jobs, files."""

    records: SqliteRecords
    queue: SqliteJobQueue
    steps: SqliteJobLog
    once: SqliteOnce
    callbacks: SqliteCallbacks
    copies: SqliteCopies
    alerts: SqliteAlerts
    batches: SqliteBatches
    ledger: SqliteLedger
    audit: SqliteAudit
    reviews: SqliteReviews
    files: StoredFiles
    mover: Mover | None  # to the bucket, if there is one
    retention: Retention
    take_backs: SqliteTakeBacks
    forgetting: SqliteForgetting
    pool: ThreadPoolExecutor  # for what decodes pictures
    db: Database  # for upkeep of the file itself


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open database and files. Raises: StorageError."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(settings.database_path))
        has_bucket = settings.has_bucket
        records = SqliteRecords(db=db, has_bucket=has_bucket)
        queue = SqliteJobQueue(db=db)
        takes_back = settings.retention_messages is RetentionMessages.DELETE
        once = SqliteOnce(db=db, clock=clock)
        filing = await stack.enter_async_context(
            open_files(settings, db=db, records=records, clock=clock)
        )
        files = filing.files
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sizes")
        stack.callback(pool.shutdown, cancel_futures=True)
        yield Stores(
            pool=pool,
            records=records,
            queue=queue,
            steps=SqliteJobLog(db=db, files=files, has_bucket=has_bucket),
            once=once,
            callbacks=SqliteCallbacks(db=db),
            copies=SqliteCopies(db=db),
            alerts=SqliteAlerts(db=db),
            batches=SqliteBatches(db=db),
            ledger=SqliteLedger(db=db),
            audit=SqliteAudit(db=db),
            reviews=SqliteReviews(db=db),
            files=files,
            mover=filing.mover,
            retention=Retention(
                records=records,
                upkeep=SqliteUpkeep(db=db),
                queue=queue,
                once=once,
                files=files,
                clock=clock,
                takes_back=takes_back,
            ),
            take_backs=SqliteTakeBacks(db=db),
            forgetting=SqliteForgetting(db=db, takes_back=takes_back),
            db=db,
        )

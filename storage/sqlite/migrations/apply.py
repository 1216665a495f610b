"""The shape of the database, one append-only step after another.

A step that was released is never edited: what it lacks is the next step. sqlite-utils
keeps the record of what was applied; a start applies what is missing, all or nothing.
"""

import sqlite3

from sqlite_utils import Database, Migrations

from bot.errors import StorageError
from storage.sqlite.migrations.m001_generations import m001_generations
from storage.sqlite.migrations.m002_search import m002_search
from storage.sqlite.migrations.m003_jobs import m003_jobs
from storage.sqlite.migrations.m004_posted import m004_posted
from storage.sqlite.migrations.m005_once import m005_once
from storage.sqlite.migrations.m006_threads import m006_threads
from storage.sqlite.migrations.m007_totals import m007_totals
from storage.sqlite.migrations.m008_seen import m008_seen
from storage.sqlite.migrations.m009_transfers import m009_transfers
from storage.sqlite.migrations.m010_terms import m010_terms
from storage.sqlite.migrations.m011_upkeep import m011_upkeep
from storage.sqlite.migrations.m012_duplicates import m012_duplicates
from storage.sqlite.migrations.m014_callbacks import m014_callbacks
from storage.sqlite.migrations.m015_batches import m015_batches
from storage.sqlite.migrations.m016_ledger import m016_ledger
from storage.sqlite.migrations.m017_copies import m017_copies
from storage.sqlite.migrations.m018_audit import m018_audit
from storage.sqlite.migrations.m019_alerts import m019_alerts
from storage.sqlite.migrations.m020_forgettings import m020_forgettings
from storage.sqlite.migrations.m021_shortcuts import m021_shortcuts
from storage.sqlite.migrations.m022_review import m022_review

STEPS = (
    m001_generations,
    m002_search,
    m003_jobs,
    m004_posted,
    m005_once,
    m006_threads,
    m007_totals,
    m008_seen,
    m009_transfers,
    m010_terms,
    m011_upkeep,
    m012_duplicates,
    m014_callbacks,
    m015_batches,
    m016_ledger,
    m017_copies,
    m018_audit,
    m019_alerts,
    m020_forgettings,
    m021_shortcuts,
    m022_review,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database up to date. Raises: StorageError, sqlite3.Error."""
    database = Database(connection, execute_plugins=False)
    steps = migrations()
    if not _has_pending(database, steps):
        return
    # Two programs may start at once: the second waits here, then finds nothing to do.
    connection.execute("BEGIN IMMEDIATE")
    try:
        steps.apply(database)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def migrations() -> Migrations:
    """Give the steps in their order."""
    steps = Migrations("ideogram-bot")
    for step in STEPS:
        steps()(step)
    return steps


def _has_pending(database: Database, steps: Migrations) -> bool:
    known = {step.__name__ for step in STEPS}
    applied = {step.name for step in steps.applied(database)}
    if applied - known:
        raise StorageError(
            "The database was made by a newer version of this program. "
            "Install that version, or name another database in DATABASE_URL."
        )
    return applied != known

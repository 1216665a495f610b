"""Alerts, the failures each stands for, and the ends of jobs that are yet to be heard."""

from sqlite_utils import Database


def m019_alerts(database: Database) -> None:
    """Alerts; a job's end is written down for them in the transaction that ends it.

    So no failure is lost to a crash. Nothing is written while there is nobody to tell
    (`alerting` is empty).
    """
    database.execute("CREATE TABLE alerting (target TEXT NOT NULL)")
    database.execute("""
        CREATE TABLE alerts (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            target TEXT NOT NULL,
            opened_at TEXT NOT NULL,
            last_at TEXT NOT NULL,
            count INTEGER NOT NULL,
            error TEXT NOT NULL,
            flaps INTEGER NOT NULL,
            worked_at TEXT,
            closed_at TEXT,
            version INTEGER NOT NULL DEFAULT 1,
            shown INTEGER NOT NULL DEFAULT 0,
            shown_at TEXT,
            not_before TEXT,
            refusals INTEGER NOT NULL DEFAULT 0,
            tried_by TEXT,
            tried INTEGER NOT NULL DEFAULT 0,
            notes TEXT NOT NULL DEFAULT '{}',
            over_notes TEXT NOT NULL DEFAULT '{}'
        )
    """)
    database.execute("""
        CREATE INDEX alerts_live ON alerts (seq)
        WHERE closed_at IS NULL OR version > shown
    """)
    database.execute("CREATE INDEX alerts_kind ON alerts (kind, seq)")
    database.execute("""
        CREATE TABLE alert_failures (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            job_id TEXT NOT NULL UNIQUE,
            alert_id TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'failed'
                CHECK (state IN ('failed', 'asked', 'tried'))
        )
    """)
    database.execute("CREATE INDEX alert_failures_of ON alert_failures (alert_id, seq)")
    database.execute("""
        CREATE INDEX alert_failures_asked ON alert_failures (seq) WHERE state = 'asked'
    """)
    database.execute("""
        CREATE TABLE alert_ends (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            job_id TEXT NOT NULL,
            has_failed INTEGER NOT NULL
        )
    """)
    database.execute("""
        CREATE TRIGGER alerts_hear_failures AFTER UPDATE OF state ON jobs
        WHEN new.state = 'failed' AND old.state <> 'failed'
        AND EXISTS (SELECT 1 FROM alerting)
        BEGIN INSERT INTO alert_ends (job_id, has_failed) VALUES (new.id, 1); END
    """)
    # A success matters only to an alert that is open, or about to be.
    database.execute("""
        CREATE TRIGGER alerts_hear_successes AFTER UPDATE OF state ON jobs
        WHEN new.state = 'done' AND old.state <> 'done' AND new.calls > 0
        AND EXISTS (SELECT 1 FROM alerting)
        AND (
            EXISTS (SELECT 1 FROM alert_ends)
            OR EXISTS (SELECT 1 FROM alerts WHERE closed_at IS NULL)
        )
        BEGIN INSERT INTO alert_ends (job_id, has_failed) VALUES (new.id, 0); END
    """)
    database.execute("""
        CREATE TRIGGER alerts_forget_jobs AFTER DELETE ON jobs
        BEGIN
            DELETE FROM alert_failures WHERE job_id = old.id;
            DELETE FROM alert_ends WHERE job_id = old.id;
        END
    """)
    database.execute("CREATE INDEX alert_ends_job ON alert_ends (job_id)")

"""Money set aside never passes its limit, whatever the order of events."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.budget import Account, Hold, Unit
from bot.domain.job import JobId, JobState
from bot.errors import BudgetExceeded
from bot.policy.budgets import hourly
from bot.policy.who import Asker
from storage.sqlite.connection import connect
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobQueue
from storage.sqlite.ledger import SqliteLedger, release, reserve, settle
from storage.sqlite.migrations.apply import migrate
from tests.fakes.values import PERSON, PLACE, make_job

HOUR = Account(budget="hour:person:slack:T1:U1", period="2026-11-20T12")
DAY = Account(budget="day:person:slack:T1:U1", period="2026-11-20")
MONTH = Account(budget="month:workspace:slack:T1", period="2026-11")
LIMITS = {DAY: 1_000_000, MONTH: 2_500_000}


def hold(micros, account=DAY, limit=None):
    limit = LIMITS[account] if limit is None else limit
    return Hold(account=account, amount=micros, limit=limit, name="the budget")


class LedgerMachine(RuleBasedStateMachine):
    """Reservations, settlements, releases and crashes, compared with plain sums."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "bot.db"
        self.db = connect(path, busy_timeout=timedelta(seconds=1))
        migrate(self.db)
        self.held = {}
        self.settled = dict.fromkeys(LIMITS, 0)
        self.jobs = 0

    @rule(
        micros=st.integers(0, 1_200_000),
        accounts=st.sets(st.sampled_from(list(LIMITS)), min_size=1),
        crashes=st.booleans(),
    )
    def submit(self, micros, accounts, crashes):
        self.jobs += 1
        job = JobId(f"job-{self.jobs}")
        holds = [hold(micros, account) for account in sorted(accounts, key=str)]
        fits = all(self._used(one) + micros <= LIMITS[one] for one in accounts)
        self.db.execute("BEGIN IMMEDIATE")
        try:
            reserve(self.db, job, holds)
        except BudgetExceeded:
            self.db.execute("ROLLBACK")
            assert not fits
            return
        assert fits
        if crashes:
            self.db.execute("ROLLBACK")
            return
        self.db.execute("COMMIT")
        self.held[job] = (micros, accounts)

    @rule(data=st.data(), part=st.floats(0, 1.5), twice=st.booleans())
    def finish(self, data, part, twice):
        if not self.held:
            return
        job = data.draw(st.sampled_from(sorted(self.held)))
        micros, accounts = self.held.pop(job)
        cost = int(micros * part)
        for _ in range(1 + twice):
            settle(self.db, job, micros=cost, pictures=0)
        for account in accounts:
            self.settled[account] += min(cost, micros)

    @rule(data=st.data())
    def fail(self, data):
        if not self.held:
            return
        job = data.draw(st.sampled_from(sorted(self.held)))
        self.held.pop(job)
        release(self.db, job)

    @rule(data=st.data())
    def crash_while_settling(self, data):
        if not self.held:
            return
        job = data.draw(st.sampled_from(sorted(self.held)))
        self.db.execute("BEGIN IMMEDIATE")
        settle(self.db, job, micros=self.held[job][0], pictures=0)
        self.db.execute("ROLLBACK")

    @invariant()
    def sums_are_right_and_within_the_limit(self):
        for account, limit in LIMITS.items():
            row = self.db.execute(
                "SELECT settled, reserved FROM ledger WHERE budget = ? AND period = ?",
                (account.budget, account.period),
            ).fetchone() or {"settled": 0, "reserved": 0}
            assert row["settled"] == self.settled[account]
            assert row["settled"] + row["reserved"] == self._used(account) <= limit

    def _used(self, account):
        held = (m for m, accounts in self.held.values() if account in accounts)
        return self.settled[account] + sum(held)

    def teardown(self):
        self.db.close()
        self.folder.cleanup()


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


async def test_a_standing_tells_both(tmp_path):
    async with open_database(tmp_path / "bot.db") as db:
        await db.write(lambda c: reserve(c, JobId("a"), [hold(300_000)]))
        await db.write(lambda c: reserve(c, JobId("b"), [hold(200_000)]))
        await db.write(lambda c: settle(c, JobId("a"), micros=250_000, pictures=1))

        standings = await SqliteLedger(db=db).standings([DAY, MONTH])

    day = standings[DAY]
    assert (day.settled, day.reserved) == (250_000, 200_000)
    assert standings[MONTH].used == 0


async def test_a_lowered_limit_refuses_and_takes_nothing_back(tmp_path):
    """What is spent is spent; nothing is left, not less than nothing."""
    async with open_database(tmp_path / "bot.db") as db:
        await db.write(lambda c: reserve(c, JobId("a"), [hold(900_000)]))

        with pytest.raises(BudgetExceeded) as refused:
            await db.write(lambda c: reserve(c, JobId("b"), [hold(1, limit=500_000)]))

    assert refused.value.left == 0


async def test_pictures_are_counted_beside_money(tmp_path):
    """Three were asked for, two came."""
    hour = Hold(account=HOUR, amount=3, limit=5, unit=Unit.PICTURES, name="an hour")
    async with open_database(tmp_path / "bot.db") as db:
        await db.write(lambda c: reserve(c, JobId("a"), [hold(240_000), hour]))
        await db.write(lambda c: settle(c, JobId("a"), micros=160_000, pictures=2))

        standings = await SqliteLedger(db=db).standings([DAY, HOUR])

    assert (standings[HOUR].used, standings[DAY].used) == (2, 160_000)


async def test_what_is_set_aside_for_nobody_is_freed(tmp_path):
    """Of jobs that are over or gone; that of one under way stays."""
    async with open_database(tmp_path / "bot.db") as db:
        queue, ledger = SqliteJobQueue(db=db), SqliteLedger(db=db)
        running = make_job(state=JobState.QUEUED)
        await queue.submit(running, holds=[hold(300_000)])
        over = make_job(id=JobId("over"))
        await queue.submit(over)
        for job in ("over", "gone"):
            await db.write(lambda c, job=job: reserve(c, JobId(job), [hold(100_000)]))

        freed = [await ledger.reconcile() for _ in range(2)]
        standings = await ledger.standings([DAY])

    assert freed == [2, 0]
    assert standings[DAY].reserved == 300_000


async def test_a_new_hour_begins_with_all_of_it(tmp_path):
    """What was set aside before the hour turned is spent in its own hour."""
    before = datetime(2026, 11, 20, 12, 59, 59, tzinfo=UTC)
    asker = Asker(person=PERSON, place=PLACE)
    first, second = (
        hourly(asker, pictures=3, limit=4, now=now)
        for now in (before, before + timedelta(seconds=1))
    )
    async with open_database(tmp_path / "bot.db") as db:
        await db.write(lambda c: reserve(c, JobId("a"), [first]))
        with pytest.raises(BudgetExceeded):
            await db.write(lambda c: reserve(c, JobId("b"), [first]))

        await db.write(lambda c: reserve(c, JobId("c"), [second]))
        await db.write(lambda c: settle(c, JobId("a"), micros=0, pictures=2))

        accounts = [first.account, second.account]
        standings = await SqliteLedger(db=db).standings(accounts)

    assert [standings[one].used for one in accounts] == [2, 3]

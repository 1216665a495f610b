"""Old pictures go by the real command, also when it is killed; and their messages."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.files.keys import stored_path
from storage.sqlite.database import open_database
from storage.sqlite.records import SqliteRecords
from tests.contracts.values import make_record
from tests.system.world import World, world

pytestmark = [pytest.mark.timeout(120), pytest.mark.drill]

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
MANY = 2000
RULES = """
[[retention]]
days = 0
tag = "keep"

[[retention]]
days = 3
channel = "C1"
"""


async def fill(folder: Path, count: int, *, prefix: str, age: timedelta, **more):
    """Write records with files, which are stored just now."""
    records = []
    for number in range(count):
        content = f"{prefix} {number}".encode()
        sha256 = hashlib.sha256(content).hexdigest()
        path = stored_path(sha256, "image/png", NOW - age)
        file = folder / "images" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        record = make_record(
            f"{prefix}-{number}",
            job_id=prefix,
            created_at=NOW - age,
            stored_path=path,
            sha256=sha256,
            size_bytes=len(content),
            **more,
        )
        records.append(record)
    async with open_database(folder / "bot.db") as db:
        await SqliteRecords(db=db).add(records)


def count(here: World, sql: str) -> int:
    path = here.folder / "bot.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        (number,) = database.execute(sql).fetchone()
    return number


def old_ones(here: World) -> int:
    return count(here, "SELECT count(*) FROM generations WHERE id LIKE 'old-%'")


@pytest.mark.parametrize("killed", ["cleanup", "run"])
async def test_a_sweep_killed_in_the_middle_goes_on_at_the_next_start(
    tmp_path, killed: str
):
    """All that was due goes, nothing else does, and nobody waits for the night."""
    async with world(tmp_path, discord=False, is_started=False) as here:
        await fill(here.folder, MANY, prefix="old", age=10 * DAY)
        await fill(here.folder, 20, prefix="young", age=DAY)
        await fill(here.folder, 20, prefix="pinned", age=10 * DAY, is_pinned=True)

        command = await here.terminal.start("cleanup", "--older-than", "5")
        await here.until(lambda: old_ones(here) < MANY - 100)
        command.kill()
        await command.wait()
        if killed == "run":
            begun = old_ones(here)
            await here.start()
            await here.until(lambda: old_ones(here) < begun - 100)
            await here.bot.kill()
        left = old_ones(here)
        await here.start()
        await here.until(lambda: count(here, "SELECT count(*) FROM sweeps") == 0)

        assert 0 < left < MANY
        kept = {row["id"].partition("-")[0] for row in here.rows()}
        assert (kept, len(here.rows())) == ({"young", "pinned"}, 40)
        here.check_stores()
        assert "A sweep that was cut off goes on" in here.bot.log


async def test_cleanup_follows_the_rules_and_shows_its_plan_first(tmp_path):
    """What is planned is what goes."""
    policy = tmp_path / "policy.toml"
    policy.write_text(RULES)
    settings = {"POLICY_FILE": str(policy), "RETENTION_DAYS": "30"}
    async with world(tmp_path, slack="", discord=False, is_started=False) as here:
        await fill(here.folder, 3, prefix="channel", age=5 * DAY)
        await fill(here.folder, 3, prefix="kept", age=90 * DAY, tags=("keep",))
        await fill(here.folder, 3, prefix="fresh", age=2 * DAY)

        plan = await here.terminal("cleanup", "--dry-run", "--json", **settings)
        told = await here.terminal("cleanup", "--dry-run", **settings)
        before = len(here.rows())
        done = await here.terminal("cleanup", "--json", **settings)

        assert (plan.status, before) == (0, 9)
        [share] = plan.json["by_rule"]
        assert (share["rule"], share["records"]) == ("rule 2: channel C1: 3 days", 3)
        assert {one["id"] for one in plan.json["planned"]} == {
            f"channel-{number}" for number in range(3)
        }
        assert "rule 2: channel C1: 3 days" in told.out
        assert (done.json["records"], done.json["files"]) == (3, 3)
        assert len(here.rows()) == 6
        here.check_stores()


async def test_a_wrong_file_of_rules_ends_the_start_with_every_problem(tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text("[[retention]]\nchanel = 'C1'\n")
    async with world(tmp_path, slack="", discord=False, is_started=False) as here:
        run = await here.terminal(
            "run",
            POLICY_FILE=str(policy),
            SLACK_BOT_TOKEN="xoxb-1",
            SLACK_APP_TOKEN="xapp-1",
        )
        gone = await here.terminal("cleanup", POLICY_FILE=str(tmp_path / "none.toml"))

        assert run.status == gone.status == 1
        assert "POLICY_FILE, retention 1, days: It is missing." in run.err
        assert "Did you mean channel?" in run.err
        assert "The file cannot be read (No such file or directory)." in gone.err


async def test_the_message_goes_with_its_picture(tmp_path):
    """Slack's message and Slack's file; the command writes it down, the run does it."""
    async with world(tmp_path, discord=False) as here:
        await here.slack.slash("/imagine a fox --magic off")
        await here.slack.wait_for_message()
        await here.idle()
        settings = {"RETENTION_MESSAGES": "delete"}

        ended = await here.terminal("cleanup", "--older-than", "0", **settings)
        await here.until(lambda: not here.slack.messages())
        await here.until(lambda: count(here, "SELECT count(*) FROM take_backs") == 0)

        assert ended.status == 0, ended.err
        assert here.rows() == []
        assert all(file.is_deleted for file in here.slack.workspace.files.values())

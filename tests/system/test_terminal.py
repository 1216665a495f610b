"""The terminal: the real command, alone and beside a live run on the same database."""

import asyncio
import csv
import io
import json
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.system.judging import check_calls
from tests.system.process import Ended
from tests.system.tap import Phase
from tests.system.world import World, world

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def here(tmp_path) -> AsyncIterator[World]:
    """A world in which nobody runs yet."""
    async with world(tmp_path, slack="", is_started=False) as made:
        yield made
        made.check_stores()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C reaches children also where this suite runs in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


async def drawn(here: World, *words: str) -> dict:
    """Draw from the terminal; give the one record, as it is printed."""
    ended = await here.terminal("imagine", *words, "--json")
    assert ended.status == 0, ended.err
    [record] = ended.json["records"]
    return record


# --- alone --------------------------------------------------------------------


async def test_imagine_prints_its_record(here: World):
    """Standard output is JSON and nothing else; progress goes beside it."""
    ended = await here.terminal(
        *("imagine", "a fox", "at the desk", "--ar", "16:9", "--seed", "42"),
        *("--no", "text, blur", "--tags", "a,b", "--json"),
    )

    assert ended.status == 0, ended.err
    assert list(ended.json) == ["job", "records"]
    [record] = ended.json["records"]
    [row] = here.rows()
    shown = {"is_safe": True, "pinned": False}
    assert record == {n: row[n] for n in record} | shown
    assert (record["prompt"], record["seed"]) == ("a fox at the desk", 42)
    assert (record["negative_prompt"], record["tags"]) == ("text, blur", ["a", "b"])
    assert (row["platform"], row["workspace_id"]) == ("terminal", "local")
    assert row["user_id"] == "ada"
    assert here.file(row).read_bytes() == here.served.all[0]
    assert ended.json["job"]["state"] == "done"
    assert "Drawing" in ended.err


async def test_reproduce_draws_the_same_picture(here: World):
    """By a unique beginning of its id; flags change just that."""
    parent = await drawn(here, "a fox drawn twice")

    again = await here.terminal("reproduce", parent["id"][:8], "--json")
    taller = await here.terminal("reproduce", parent["id"], "--ar", "9:16", "--json")
    plain = await here.terminal("reproduce", parent["id"], "--ar", "9:16")

    [same], [other] = again.json["records"], taller.json["records"]
    assert same["sha256"] == parent["sha256"]
    assert (same["parent_id"], same["tags"]) == (parent["id"], ["reproduced"])
    assert other["aspect_ratio"] == "ASPECT_9_16"
    assert (other["seed"], other["prompt"]) == (parent["seed"], parent["prompt"])
    assert "9:16" in plain.out


async def test_reading_commands(here: World):
    """Each with --json, on what three commands have drawn."""
    fox = await drawn(here, "a red fox", "--tags", "red", "--seed", "7")
    badger = await drawn(here, "a badger", "--model", "v2-turbo")

    shown = await here.terminal("show", fox["id"][:9], "--json")
    by_word = await here.terminal("search", "fox", "--json")
    by_seed = await here.terminal("search", "--seed", "7", "--json")
    by_tag = await here.terminal("search", "--tag", "red", "--json")
    by_model = await here.terminal("search", "--model", "v2-turbo", "--json")
    page = await here.terminal("search", "--limit", "1", "--json")
    after = await here.terminal("search", "--cursor", badger["id"], "--json")
    jobs = await here.terminal("jobs", "--state", "done", "--json")
    report = await here.terminal("report", "--json")

    assert shown.json == fox
    assert by_word.json == by_seed.json == by_tag.json == after.json == [fox]
    assert by_model.json == page.json == [badger]
    assert [j["id"] for j in jobs.json] == [badger["job_id"], fox["job_id"]]
    assert report.json["total"] == {
        "images": 2,
        "bytes": fox["size_bytes"] + badger["size_bytes"],
        "cost_usd": pytest.approx(fox["cost_usd"] + badger["cost_usd"]),
    }
    assert report.json["by_model"]["V_2"]["images"] == 1
    assert report.json["by_user"]["ada"]["images"] == 2
    groups = {"by_model", "by_user", "by_channel", "by_workspace", "by_style", "by_day"}
    assert set(report.json) == {"total"} | groups


async def test_export_and_cleanup(here: World):
    """Records out in three formats; then swept, after a look at what would go."""
    record = await drawn(here, "a fox to take away", "--tags", "x")
    out = here.folder / "records.csv"

    lines = await here.terminal("export")
    seed = await here.terminal("export", "--format", "json")
    table = await here.terminal("export", "--format", "csv", "--output", str(out))
    planned = await here.terminal("cleanup", "--older-than", "0", "--dry-run", "--json")
    assert len(here.rows()) == 1
    swept = await here.terminal("cleanup", "--older-than", "0", "--json")

    exported = json.loads(lines.out)
    assert {name: exported[name] for name in record} == record
    assert seed.json[0]["storedPath"] == record["stored_path"]
    assert seed.json[0]["tags"] == ["x"]
    [row] = csv.DictReader(io.StringIO(out.read_text()))
    assert (row["id"], row["sha256"]) == (record["id"], record["sha256"])
    assert table.status == planned.status == swept.status == 0
    assert record["id"] in planned.out
    assert here.rows() == []
    assert list((here.folder / "images").rglob("*.png")) == []


async def test_two_terminals_at_once(here: World):
    """Without a run one works while the other waits; both get their own picture."""
    words = ("a first fox", "a second fox", "a third fox")

    async with asyncio.TaskGroup() as tasks:
        typed = [
            tasks.create_task(here.terminal("imagine", one, "--json")) for one in words
        ]

    ended = [task.result() for task in typed]
    assert [one.status for one in ended] == [0, 0, 0], [one.err for one in ended]
    assert [one.json["records"][0]["prompt"] for one in ended] == list(words)
    assert sorted(row["prompt"] for row in here.rows()) == sorted(words)
    assert len(here.ideogram.calls) == 3


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("imagine", "a fox", "--ar", "17:9"), 2, "16:9"),
        (("imagine", "a fox", "--seeed", "1"), 2, "--seed"),
        (("imagine",), 2, ""),
        (("draw",), 2, "draw"),
        (("search", "--limit", "many"), 2, "limit"),
        (("show", "zzzz"), 1, "zzzz"),
        (("reproduce", "zzzz"), 1, "zzzz"),
        (("imagine", "something prohibited"), 3, "safety"),
        (("imagine", "something unsafe"), 3, "safety"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
async def test_exit_status(here: World, words, status, told):
    """0 done, 1 failed, 2 wrong usage, 3 refused; the reason on standard error."""
    ended = await here.terminal(*words)

    assert ended.status == status, ended
    assert told in ended.err
    assert ended.out == ""


async def test_wrong_settings_are_all_named(here: World):
    """One message, every problem, no traceback and no value repeated."""
    ended = await here.terminal(
        "run",
        IDEOGRAM_API_KEY="",
        SLACK_BOT_TOKEN="secret-token",
        HTTP_PORT="many",
        JOB_ATTEMPTS="0",
    )

    assert ended.status == 1
    for name in ("IDEOGRAM_API_KEY", "SLACK_BOT_TOKEN", "HTTP_PORT", "JOB_ATTEMPTS"):
        assert name in ended.err
    assert "secret-token" not in ended.err


# --- beside a run -------------------------------------------------------------


async def test_a_live_run_takes_the_job_over(here: World):
    """The terminal writes it down and waits; the run draws it, within a second."""
    await here.start()

    record = await drawn(here, "a fox handed over")

    [call] = [s for s in here.lines.ideogram.seen if s.path == "/generate"]
    jobs = await here.terminal("jobs", "--json")
    [job] = jobs.json
    assert f"job={record['job_id']} action=draw" in here.bot.log
    written_at = datetime.fromisoformat(job["created_at"])
    # A second is promised; a busy machine may be late with everything.
    assert call.when - written_at < timedelta(seconds=3)
    assert written_at <= datetime.now(UTC)


async def test_the_terminal_goes_on_when_the_run_dies(here: World):
    """The job is nobody's then; who waits for it takes it up, with the same seed."""
    await here.start()
    point = here.kill_at("ideogram", "POST", "/generate", Phase.DONE)

    ended = await here.terminal("imagine", "a fox taken back", "--json")

    assert point.reached.is_set()
    assert ended.status == 0, ended.err
    [row] = here.rows()
    assert row["attempts"] == 2
    here.bot.lives += 1  # the terminal's own
    check_calls(here, "a fox taken back", [row])


async def test_a_run_goes_on_when_the_terminal_dies(here: World):
    """What was written down is never lost, wherever it was typed."""
    process = None

    async def kill() -> None:
        assert process
        process.kill()
        await process.wait()

    point = here.lines.ideogram.stop_at("POST", "/generate", Phase.DONE, kill)
    process = await here.terminal.start("imagine", "a fox left behind")
    await here.reached(point)
    await here.terminal.ended(process)

    await here.start()
    await here.idle()

    [row] = here.rows()
    assert (row["prompt"], row["attempts"]) == ("a fox left behind", 2)


@pytest.mark.usefixtures("interruptible")
async def test_interrupted_the_terminal_leaves_its_job_to_the_run(here: World):
    """Ctrl-C ends the waiting, not the work."""
    await here.start()
    line = here.lines.ideogram
    line.open.clear()
    process = await here.terminal.start("imagine", "a fox not waited for")
    await here.until(lambda: line.count("POST", "/generate"))

    process.send_signal(signal.SIGINT)
    ended: Ended = await here.terminal.ended(process)
    line.open.set()
    await here.idle()

    assert ended.status == 1
    assert "goes on" in ended.err
    assert [row["attempts"] for row in here.rows()] == [1]


async def test_a_second_run_is_refused(here: World):
    """Two owners of one database would do everything twice."""
    await here.start()

    ended = await here.terminal("run", **here.bot.settings)

    assert ended.status == 1
    assert "Another ideogram-bot" in ended.err
    assert (await here.bot.health())[0] == 200

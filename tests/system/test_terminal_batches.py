"""Batches from the terminal: alone, beside a live run, stopped, and over its death."""

import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.system.world import World, world

pytestmark = [pytest.mark.timeout(120), pytest.mark.drill]


@pytest.fixture
async def here(tmp_path) -> AsyncIterator[World]:
    """A world in which nobody runs yet."""
    async with world(tmp_path, slack="", is_started=False) as made:
        made.served.side = 8
        yield made
        made.check_stores()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C reaches children also where this suite runs in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def foxes(here: World, lines: int, *more: str) -> str:
    """Write a file of prompts; give its path."""
    file = here.folder / "foxes.txt"
    file.write_text("\n".join([*(f"a fox {n}" for n in range(lines)), *more]))
    return str(file)


def prompts(here: World) -> list[str]:
    return sorted(row["prompt"] for row in here.rows())


async def test_alone_it_draws_every_line(here: World):
    """Some fail, and it says which; the others are kept."""
    file = foxes(here, 9, "a prohibited fox")

    ended = await here.terminal(
        *("batch", file, "--magic", "off", "--campaign", "spring", "--json")
    )

    assert ended.status == 1
    job = ended.json["job"]
    assert (job["state"], job["lines"], job["done"], job["failed"]) == (
        "done",
        10,
        9,
        1,
    )
    assert len(ended.json["records"]) == len(here.rows()) == 9
    assert all(row["tags"] == ["spring"] for row in here.rows())
    assert "Line 10: " in ended.err


async def test_a_table_has_columns_named_like_flags(here: World):
    file = here.folder / "foxes.csv"
    file.write_text('prompt,ar,seed,tags\na fox,16:9,7,\n"a hen, red",,8,farm\n')

    ended = await here.terminal("batch", str(file), "--magic", "off", "--json")

    assert ended.status == 0, ended.err
    fox, hen = sorted(here.rows(), key=lambda row: row["seed"])
    assert (fox["aspect_ratio"], fox["seed"]) == ("ASPECT_16_9", 7)
    assert (hen["prompt"], hen["tags"]) == ("a hen, red", ["farm"])


async def test_one_wrong_line_draws_nothing(here: World):
    """Each is named, however many there are."""
    file = foxes(here, 3, *["a hen --as 1"] * 30)

    ended = await here.terminal("batch", file)

    assert ended.status == 2
    assert all(f"Line {line}: " in ended.err for line in range(4, 34))
    assert here.ideogram.calls == []


async def test_a_live_run_takes_it_up(here: World):
    """The command waits, and prints what the run has drawn."""
    await here.start()

    ended = await here.terminal("batch", foxes(here, 5), "--magic", "off", "--json")

    assert ended.status == 0, ended.err
    assert len(ended.json["records"]) == len(here.ideogram.calls) == 5
    assert "Batch done" in here.bot.log


async def test_detached_it_waits_for_a_run(here: World):
    ended = await here.terminal(
        *("batch", foxes(here, 5), "--magic", "off", "--detach", "--json")
    )
    calls = len(here.ideogram.calls)
    await here.start()
    await here.until(lambda: len(here.rows()) == 5)
    await here.until(lambda: "Batch done" in here.bot.log)

    assert ended.status == 0, ended.err
    assert ended.json["job"]["left"] == 5
    assert calls == 0


async def test_stopped_the_rest_is_for_later(here: World, interruptible):
    """What is under way is paid for and kept; the next run draws the others."""
    held = here.lines.ideogram.open
    held.clear()
    command = await here.terminal.start("batch", foxes(here, 30), "--magic", "off")
    await here.until(lambda: here.lines.ideogram.count("POST", "/generate") > 2)

    command.send_signal(signal.SIGINT)
    held.set()
    ended = await here.terminal.ended(command)
    kept = len(here.rows())
    await here.start()
    await here.until(lambda: "Batch done" in here.bot.log)

    assert ended.status == 1
    assert "goes on" in ended.err
    assert 0 < kept < 30
    assert len(here.rows()) == len(here.ideogram.calls) == 30
    assert len(set(prompts(here))) == 30


async def test_another_command_pauses_and_cancels_it(here: World):
    """Written down, it is obeyed by whatever runs next."""
    queued = await here.terminal("batch", foxes(here, 5), "--detach", "--json")
    batch = queued.json["job"]["id"]

    paused = await here.terminal("batches", "--pause", batch[:6], "--json")
    listed = await here.terminal("batches", "--json")
    await here.terminal("batches", "--cancel", batch)
    await here.start()
    await here.until(lambda: "Batch cancelled" in here.bot.log)
    nobodys = await here.terminal("batches", "--cancel", "nothing")

    assert paused.json["state"] == "paused"
    assert [one["left"] for one in listed.json] == [5]
    assert here.ideogram.calls == []
    assert nobodys.status == 1


async def test_when_the_run_dies_the_command_goes_on_alone(here: World):
    await here.start()
    command = await here.terminal.start("batch", foxes(here, 30), "--magic", "off")
    await here.until(lambda: len(here.rows()) > 3)

    await here.bot.kill()
    ended = await here.terminal.ended(command)

    assert ended.status == 0, ended.err
    assert len(here.rows()) == len(set(prompts(here))) == 30

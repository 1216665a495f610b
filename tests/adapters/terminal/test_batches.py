"""The command `batch`: what it reads, says, prints and ends with."""

import io
import json
from dataclasses import replace

import pytest

from adapters.terminal.main import main
from adapters.terminal.operations import BatchOutcome, BatchText, Standing
from adapters.terminal.screen import Screen
from bot.domain.batch import Batch, BatchState, Tally
from bot.domain.job import BatchId
from bot.errors import BudgetExceeded, NotAllowed, WrongInput
from tests.fakes.program import FakeProgram
from tests.fakes.values import NOON, PERSON, PLACE, make_record

BATCH = Batch(
    id=BatchId("0batch"),
    name="foxes",
    person=PERSON,
    place=PLACE,
    created_at=NOON,
    lines=20,
    state=BatchState.DONE,
)
DONE = BatchOutcome(
    batch=BATCH, tally=Tally(done=20, pictures=1), records=(make_record(),)
)


class Program(FakeProgram):
    """Draws batches, and remembers them."""

    outcome = DONE

    async def batch(self, text, watch, *, is_detached):
        self._ask(text, is_detached)
        watch.began("Batch foxes: 20 lines, 20 pictures, $1.60.")
        for ended in range(21):
            watch.stands(Tally(done=ended, left=20 - ended))
        return self.outcome

    async def batches(self):
        return [Standing(batch=BATCH, tally=Tally(done=3, left=17))]

    async def decide_batch(self, batch, action):
        self._ask(batch, action)
        return Standing(
            batch=replace(BATCH, state=BatchState.PAUSED), tally=Tally(left=20)
        )


@pytest.fixture
def foxes(tmp_path):
    file = tmp_path / "foxes.csv"
    file.write_bytes(b"prompt\na fox\n")
    return file


def run(program, *words, stdin=b""):
    """Give the exit status, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    into = io.TextIOWrapper(io.BytesIO(stdin))
    screen = Screen(out=out, err=err, into=into)
    return main(program, words, screen=screen), out.getvalue(), err.getvalue()


def test_file_and_flags_reach_the_program(foxes):
    """Flags for all lines are those of chat; the callback is the terminal's own."""
    program = Program()

    status, _, _ = run(
        program,
        *("batch", str(foxes), "--ar", "16:9", "--tags", "a b", "--delay", "5s"),
        *("--callback-url", "https://hooks.example.com/1"),
    )

    assert status == 0
    [(text, is_detached)] = program.asked
    assert text == BatchText(
        content=b"prompt\na fox\n",
        file_name="foxes.csv",
        flags='--ar 16:9 --tags "a b" --delay 5s',
        callback_url="https://hooks.example.com/1",
    )
    assert not is_detached


def test_a_dash_is_standard_input():
    program = Program()

    run(program, "batch", "-", "--n", "2", stdin=b"a fox\na hen\n")

    [(text, _)] = program.asked
    assert (text.content, text.file_name) == (b"a fox\na hen\n", "")


def test_json_is_the_batch_and_all_records(foxes):
    """Nothing else is on standard output."""
    status, out, err = run(Program(), "batch", str(foxes), "--json")

    printed = json.loads(out)
    assert status == 0
    assert list(printed) == ["job", "records"]
    assert printed["job"]["id"] == "0batch"
    assert printed["job"]["done"] == 20
    assert [record["id"] for record in printed["records"]] == [make_record().id]
    assert "$1.60" in err


def test_progress_is_a_line_for_each_tenth(foxes):
    """A log of a thousand lines is read by nobody."""
    _, _, err = run(Program(), "batch", str(foxes))

    assert err.count(" of 20: ") == 11


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tally": Tally(done=19, failed=1)}, "19 done, 1 failed"),
        ({"tally": Tally(done=1, cancelled=19)}, "19 cancelled"),
        ({"records": (make_record(is_safe=False),)}, "20 done"),
    ],
    ids=["failed", "cancelled", "withheld"],
)
def test_what_is_not_whole_is_a_failure(foxes, changes, words):
    program = Program()
    program.outcome = replace(DONE, problems=((7, "No such prompt."),), **changes)

    status, _, err = run(program, "batch", str(foxes))

    assert status == 1
    assert words in err
    assert "Line 7: No such prompt." in err


def test_detached_it_returns_at_once(foxes):
    program = Program()
    program.outcome = replace(DONE, tally=Tally(left=20), records=())

    status, out, err = run(program, "batch", str(foxes), "--detach", "--json")

    assert status == 0
    assert program.asked[0][1]
    assert json.loads(out)["job"]["left"] == 20
    assert "Queued as batch 0batch" in err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (WrongInput("Line 2: there is no flag --as."), 2),
        (NotAllowed("Batches are for others."), 3),
        (BudgetExceeded("No money is left.", left=0, rule="day"), 3),
    ],
    ids=["wrong", "not allowed", "no money"],
)
def test_a_refusal_has_its_status(foxes, error, status):
    ended, _, err = run(Program(error=error), "batch", str(foxes))

    assert ended == status
    assert error.text in err


def test_what_cannot_be_read_is_wrong_usage(tmp_path):
    status, _, err = run(Program(), "batch", str(tmp_path / "none.txt"))

    assert status == 2
    assert "cannot be read" in err


def test_batches_shows_how_far_they_are():
    _, text, _ = run(Program(), "batches")
    _, printed, _ = run(Program(), "batches", "--json")

    assert "3 of 20" in text
    assert json.loads(printed)[0]["left"] == 17


@pytest.mark.parametrize("action", ["pause", "resume", "cancel"])
def test_a_batch_is_named_by_what_is_done_with_it(action):
    program = Program()

    status, _, err = run(program, "batches", f"--{action}", "0ba")

    assert status == 0
    assert program.asked == [("0ba", f"{action}_batch")]
    assert "is paused" in err


def test_one_batch_at_a_time():
    status, _, _ = run(Program(), "batches", "--pause", "a", "--cancel", "b")

    assert status == 2


def test_the_file_comes_first():
    status, _, err = run(Program(), "batch", "--ar", "16:9", "foxes.txt")

    assert status == 2
    assert "Name the file first" in err

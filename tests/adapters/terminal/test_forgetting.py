"""Forgetting a person from the command line: the question, the receipt, the exit status."""

import io
import json
from dataclasses import replace

import pytest

from adapters.terminal.main import main
from adapters.terminal.screen import Screen
from bot.domain.people import Person, Platform
from tests.fakes.program import FakeProgram

ANN = Person(platform=Platform.SLACK, workspace_id="T1", user_id="U1")


class Keyboard(io.StringIO):
    """What says that somebody sits there."""

    def isatty(self):
        return True


def run(program, *words, typed=None):
    out, err = io.StringIO(), io.StringIO()
    into = io.StringIO() if typed is None else Keyboard(typed)
    screen = Screen(out=out, err=err, into=into)
    status = main(program, ("forget", *words), screen=screen)
    return status, out.getvalue(), err.getvalue()


def test_it_is_done_once_that_is_confirmed():
    """The question tells what would go."""
    program = FakeProgram()

    status, out, err = run(program, "--user", "U1", typed="y\n")

    assert program.asked == [("find_person", "U1", None, None), ("forget", ANN, False)]
    assert status == 0
    assert "U1 (slack, T1): 3 records, 2 files" in err
    assert "Deleted 3 records" in out
    assert "Backups made before this still hold it" in out


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "forget\n"])
def test_anything_but_yes_changes_nothing(typed):
    program = FakeProgram()

    status, out, err = run(program, "--user", "U1", typed=typed)

    assert program.asked == [("find_person", "U1", None, None)]
    assert (status, out) == (1, "")
    assert "Nothing was changed." in err


def test_where_nobody_can_be_asked_it_wants_to_be_sure():
    """A script has to say that it means it."""
    program = FakeProgram()

    status, out, err = run(program, "--user", "U1")

    assert program.asked == [("find_person", "U1", None, None)]
    assert (status, out) == (2, "")
    assert "--yes" in err


def test_the_receipt_is_json_and_kept(tmp_path):
    """The same on standard output and in the file."""
    program = FakeProgram()
    file = tmp_path / "receipt.json"
    words = ("--user", "U1", "--platform", "slack", "--workspace", "T1", "--yes")

    status, out, _ = run(
        program, *words, "--anonymise", "--json", "--output", str(file)
    )

    assert program.asked[0] == ("find_person", "U1", Platform.SLACK, "T1")
    assert program.asked[1] == ("forget", ANN, True)
    assert status == 0
    receipt = json.loads(out)
    assert json.loads(file.read_text()) == receipt
    assert (receipt["anonymised"], receipt["pseudonym"]) == (True, "gone-1")
    assert (receipt["digest"], receipt["salt"], receipt["version"]) == (
        "d1",
        "s1",
        "0.1.0",
    )


def test_no_receipt_is_overwritten(tmp_path):
    """Nothing is forgotten without the receipt that was asked for."""
    program = FakeProgram()
    file = tmp_path / "receipt.json"
    file.write_text("{}")

    status, _, err = run(program, "--user", "U1", "--yes", "--output", str(file))

    assert program.asked == [("find_person", "U1", None, None)]
    assert (status, file.read_text()) == (2, "{}")
    assert "already" in err


def test_what_is_not_finished_is_a_failure():
    """It has to be typed again."""
    program = FakeProgram()
    program.belongings = replace(program.belongings, unfinished=1)

    status, out, _ = run(program, "--user", "U1", "--yes")

    assert status == 1
    assert "again in a few minutes" in out

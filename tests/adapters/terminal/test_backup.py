"""Backup, restore and verify from the command line: what is printed, the exit status."""

import io
import json
from pathlib import Path

from adapters.terminal.main import main
from adapters.terminal.screen import Screen
from tests.fakes.program import FakeProgram


def run(program, *words):
    out, err = io.StringIO(), io.StringIO()
    status = main(program, words, screen=Screen(out=out, err=err))
    return status, out.getvalue(), err.getvalue()


def test_backup_says_what_was_copied():
    program = FakeProgram()

    status, out, err = run(program, "backup", "copy")

    assert program.asked == [("backup", Path("copy"))]
    assert (status, err) == (0, "")
    assert "3 records, 2 files (8 bytes)" in out


def test_what_is_lost_is_a_failure_that_names_it():
    """Numbers on standard output all the same."""
    program = FakeProgram()

    status, out, err = run(program, "restore", "copy", "--json")

    assert program.asked == [("restore", Path("copy"))]
    assert status == 1
    assert json.loads(out) == {
        "records": 3,
        "files": 2,
        "size_bytes": 8,
        "lost": ["2026/fox.png"],
    }
    assert "2026/fox.png" in err


def test_verify_fails_until_it_is_repaired():
    """What is wrong is named beside the numbers."""
    program = FakeProgram()

    status, out, err = run(program, "verify", "--json")

    assert status == 1
    assert json.loads(out)["missing"] == ["a.png"]
    assert err.splitlines() == ["Missing: a.png", "Without a record: b.png"]
    assert run(program, "verify", "--repair")[0] == 0
    assert program.asked == [("verify", False), ("verify", True)]

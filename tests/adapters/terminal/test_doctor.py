"""The command `doctor`."""

import json

from bot.domain.checkup import fail, ok, warn
from tests.adapters.terminal.test_main import run
from tests.fakes.program import FakeProgram

FINE = ok("database", "It is whole.")
WARNED = warn("Slack channel C1", "The bot is not in it.", "Invite it.")
BROKEN = fail("Slack bot token", "Slack does not accept it.", "Copy it anew.")


def program(*found):
    made = FakeProgram()
    made.findings = list(found)
    return made


def test_what_is_wrong_stands_with_its_remedy():
    ended = run(program(FINE, BROKEN), "doctor")

    assert ended.status == 1
    assert "Slack does not accept it." in ended.out
    assert "Copy it anew." in ended.out
    assert "One thing is wrong" in ended.err


def test_a_warning_is_no_failure():
    ended = run(program(FINE, WARNED), "doctor")

    assert ended.status == 0
    assert "Invite it." in ended.out


def test_programs_get_an_array():
    ended = run(program(FINE, BROKEN), "doctor", "--json")

    assert ended.status == 1
    assert json.loads(ended.out) == [
        {"name": "database", "status": "ok", "text": "It is whole.", "remedy": None},
        {
            "name": "Slack bot token",
            "status": "fail",
            "text": "Slack does not accept it.",
            "remedy": "Copy it anew.",
        },
    ]

"""The command `audit`."""

from bot.domain.audit import AuditEntry, AuditSearch, Deed
from tests.adapters.terminal.test_main import run
from tests.fakes.program import FakeProgram
from tests.fakes.values import NOON, PERSON

ENTRY = AuditEntry(
    number=7,
    at=NOON,
    person=PERSON,
    channel_id="C1",
    deed=Deed.REFUSED,
    rule="budget day person",
    details="V_2, 1",
    times=3,
)


def program(*told):
    made = FakeProgram()
    made.told = list(told)
    return made


def test_entries_are_listed():
    shown = run(program(ENTRY), "audit")
    listed = run(program(ENTRY), "audit", "--json")

    for words in ("slack:T1:U1", "budget day person", "V_2, 1"):
        assert words in shown.out
    assert listed.json == [
        {
            "number": 7,
            "at": "2026-01-01T12:00:00.000000Z",
            "platform": "slack",
            "workspace_id": "T1",
            "user_id": "U1",
            "channel_id": "C1",
            "action": "refused",
            "rule": "budget day person",
            "details": "V_2, 1",
            "times": 3,
        }
    ]


def test_a_page_says_how_to_go_on():
    asked = program(ENTRY)

    ran = run(
        asked,
        *("audit", "--user", "U1", "--rule", "budget", "--limit", "1", "--cursor", "9"),
    )

    search = AuditSearch(user_id="U1", rule="budget", limit=1, cursor=9)
    assert asked.asked == [("audit", search)]
    assert "--cursor 7" in ran.err


def test_an_empty_log_says_so():
    ran = run(program(), "audit", "--since", "2026-01-01", "--json")

    assert (ran.status, ran.json) == (0, [])
    assert "Nothing was refused." in ran.err

"""The operator's rules around the real program: Slack, Discord, the terminal, and a kill."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.ideogram import server_error
from tests.system.tap import Phase
from tests.system.world import World, read, world

pytestmark = pytest.mark.timeout(150)

CREW, ROLE = "S012CREW", 4711
RULES = f"""
admins = ["slack:U9"]
[[limits]]
groups = ["{CREW}"]
count = 1
[[limits]]
roles = ["{ROLE}"]
models = ["v2"]
[content]
blocked_words = ["paypal"]
[[budgets]]
usd = 0.20
per = "day"
each = "person"
raised_by = "Ada"
"""


@pytest.fixture
def rules(tmp_path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(RULES)
    return file


@pytest.fixture
async def here(tmp_path, rules) -> AsyncIterator[World]:
    async with world(
        tmp_path, is_started=False, POLICY_FILE=str(rules), JOB_ATTEMPTS="1"
    ) as made:
        made.slack.workspace.groups = {CREW: {"U2"}}
        yield made


async def refused_in_slack(here: World, typed: str, words: str, **changes) -> None:
    before = len(here.slack.notes)
    await here.slack.slash(f"/imagine {typed}", **changes)
    await here.until(lambda: any(words in str(n) for n in here.slack.notes[before:]))


def write(rules: Path, text: str) -> None:
    rules.write_text(text)


def ledger(here: World) -> list[tuple[str, int, int]]:
    """Give what is settled and set aside, by budget."""
    sql = "SELECT budget, settled, reserved, '[]' AS tags FROM ledger ORDER BY budget"
    rows = read(here.folder, sql)
    return [(row["budget"], row["settled"], row["reserved"]) for row in rows]


async def test_rules_hold_in_slack_and_in_discord(here: World):
    """Places, groups, roles, words and money; each refusal is in the log of refusals."""
    await here.start()
    ada = here.discord.ada
    ada.roles = (ROLE,)

    await here.until(lambda: "usergroups.users.list" in here.slack.api.names())
    await refused_in_slack(here, "a fox --n 2", "1 at a time", user="U2")
    await refused_in_slack(here, "a рауpаl fox", "not allowed here")  # noqa: RUF001
    made = await here.discord.slash("imagine", {"prompt": "a fox --model v3"})
    await here.discord.note(made, "You may not use")
    first = await here.discord.slash("imagine", {"prompt": "a fox"})
    await here.discord.note(first, "$0.12 left today")
    await here.slack.slash("/imagine a red fox")
    await here.slack.wait_for_message()
    await here.slack.slash("/imagine a blue fox")
    await here.idle()
    await refused_in_slack(here, "a green fox", "Ada can raise it")
    await here.idle()

    printed = await here.terminal("audit", "--json")
    rules = [(one["platform"], one["rule"]) for one in printed.json]
    assert rules == [
        ("slack", "budget day person"),
        ("discord", "models"),
        ("slack", "blocked word paypal"),
        ("slack", "count"),
    ]
    assert "fox" not in printed.out
    assert {settled for _, settled, _ in ledger(here)} == {80_000, 160_000}
    assert len(here.rows()) == 3


async def test_a_changed_file_holds_while_the_bot_runs(here: World, rules: Path):
    """A broken one does not; SIGHUP is another way to say that it changed."""
    await here.start()

    write(rules, '[allowed]\nchannels = ["C0OTHER"]\n')
    await here.until(lambda: "POLICY_FILE read anew" in here.bot.log)
    await refused_in_slack(here, "a fox", "may not use this bot here")
    write(rules, "[allowed]\nchanels = []\n[[budgets]]\n")
    await here.until(lambda: "the rules before it hold" in here.bot.log)
    await refused_in_slack(here, "a fox", "may not use this bot here")
    write(rules, "")
    here.bot.hang_up()
    await here.until(lambda: here.bot.log.count("POLICY_FILE read anew") == 2)
    await here.slack.slash("/imagine a fox")
    await here.slack.wait_for_message()

    [broken] = [line for line in here.bot.lines if "before it hold" in line]
    assert "Did you mean channels?" in broken
    assert "budgets 1, usd" in broken


async def test_no_money_leaks_over_a_kill(here: World):
    """Killed with all of it set aside: what ends is settled, what fails is free again."""
    here.ideogram.faults.generate.append(server_error())
    await here.start()
    point = here.kill_at("ideogram", "POST", "/generate", Phase.ASKED)
    async with asyncio.TaskGroup() as tasks:
        for number in range(3):
            asked = here.slack.slash(f"/imagine fox {number}", user=f"U{number}")
            tasks.create_task(asked)
        tasks.create_task(here.reached(point))
    held = [reserved for _, _, reserved in ledger(here)]

    await here.start()
    await here.idle()

    assert sum(held) > 0
    # The call that failed may be the one that was cut off, and then it was tried again.
    drawn = Counter(row["user_id"] for row in here.rows())
    assert {
        owner.rpartition(":")[2]: settled for owner, settled, _ in ledger(here)
    } == {user: 80_000 * drawn[user] for user in ("U0", "U1", "U2")}
    assert len(drawn) >= 2
    assert {reserved for _, _, reserved in ledger(here)} == {0}
    assert read(here.folder, "SELECT *, '[]' AS tags FROM ledger_holds") == []


async def test_the_terminal_shares_what_all_share(here: World, rules: Path):
    """Exit status 3, and no rule about people."""
    write(
        rules,
        '[allowed]\nchannels = ["C0OTHER"]\n'
        '[[budgets]]\nusd = 0.10\nper = "month"\neach = "all"\n',
    )

    first = await here.terminal("imagine", "a", "fox", "--json", POLICY_FILE=str(rules))
    second = await here.terminal("imagine", "a", "fox", POLICY_FILE=str(rules))
    printed = await here.terminal("audit", "--rule", "budget", "--json")

    assert (first.status, second.status) == (0, 3)
    assert "$0.02 is left" in second.err
    assert [one["platform"] for one in printed.json] == ["terminal"]

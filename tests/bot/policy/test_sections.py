"""Every section of POLICY_FILE, read."""

import re
from decimal import Decimal

import pytest

from bot.domain.people import Person, Place, Platform
from bot.domain.request import MagicPrompt
from bot.errors import ConfigError
from bot.ideogram.catalog import MODELS
from bot.parsing.choices import spell_ratio, spell_size
from bot.parsing.values import read_model
from bot.policy.budgets import Budget, Each, Period
from bot.policy.moderation import Content, Unsafe
from bot.policy.permissions import Limit
from bot.policy.policy import Approval, Policy
from bot.policy.reading import read_policy
from bot.policy.who import Asker, Selector


def read(text: str) -> Policy:
    return read_policy(
        text,
        read_model=lambda typed: read_model(typed, MODELS).name,
        read_size=lambda typed: (spell_ratio if ":" in typed else spell_size)(typed),
    )


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(text)
    return [str(problem) for problem in raised.value.problems]


def asker(user="U1", workspace="T1", platform=Platform.SLACK):
    return Asker(
        person=Person(platform=platform, workspace_id=workspace, user_id=user),
        place=Place(platform=platform, workspace_id=workspace, channel_id="C1"),
    )


def test_a_whole_file_is_read():
    policy = read("""
        admins = ["slack:U9", "discord:123"]

        [allowed]
        channels = ["C1", "C2"]
        roles = ["77"]
        groups = ["S1"]

        [[limits]]
        platform = "slack"
        workspaces = ["T1"]
        users = ["U1"]
        models = ["v2", "V_2_TURBO"]
        sizes = ["16:9", "1024x1024"]
        count = 2
        pictures_an_hour = 20
        batches = false
        callbacks = false

        [[budgets]]
        usd = 2.5
        per = "week"
        each = "person"
        warn_at = 0.5
        raised_by = "@ops"

        [content]
        blocked_words = ["brand x"]
        blocked_patterns = ['brand\\s*y']
        suffix = "in our style"
        magic = ["off"]
        unsafe = "spoiler"

        [[approval]]
        moderators = "slack:C9"
        channels = ["C1"]

        [[callbacks]]
        workspaces = ["T1"]
        url = "https://example.com/hook"

        [[callbacks]]
        users = ["U2"]
        allowed = true

        [[defaults]]
        channels = ["C1"]
        flags = "--ar 16:9"

        [audit]
        prompts = true
    """)

    assert policy.permissions.admins == {"slack:U9", "discord:123"}
    assert policy.permissions.allowed == Selector(
        channels=frozenset({"C1", "C2"}), groups=frozenset({"77", "S1"})
    )
    assert policy.permissions.limits == (
        Limit(
            who=Selector(
                platform=Platform.SLACK,
                workspaces=frozenset({"T1"}),
                users=frozenset({"U1"}),
            ),
            models=frozenset({"V_2", "V_2_TURBO"}),
            sizes=frozenset({"ASPECT_16_9", "1024x1024"}),
            count=2,
            pictures_an_hour=20,
            batches=False,
            callbacks=False,
        ),
    )
    assert policy.budgets == (
        Budget(
            limit=Decimal("2.5"),
            per=Period.WEEK,
            each=Each.PERSON,
            warn_at=Decimal("0.5"),
            raised_by="@ops",
        ),
    )
    assert policy.content == Content(
        blocked_words=("brand x",),
        blocked_patterns=(re.compile(r"brand\s*y", re.IGNORECASE),),
        suffix="in our style",
        magic=(MagicPrompt.OFF,),
        unsafe=Unsafe.SPOILER,
    )
    assert policy.approvals == (
        Approval(
            who=Selector(channels=frozenset({"C1"})),
            platform=Platform.SLACK,
            channel_id="C9",
        ),
    )
    assert policy.callback_url(asker()) == "https://example.com/hook"
    assert not policy.may_ask_callbacks(asker())
    assert policy.may_ask_callbacks(asker("U2"))
    assert policy.flags_for(asker()) == "--ar 16:9"
    assert policy.flags_for(asker(platform=Platform.DISCORD)) == "--ar 16:9"
    assert policy.audits_prompts


def test_pictures_are_approved_where_the_moderators_are():
    """Never on another platform; admins need no approval."""
    policy = read("""
        admins = ["slack:U9"]
        [[approval]]
        moderators = "slack:C9"
    """)

    assert policy.approval_for(asker()).channel_id == "C9"
    assert policy.approval_for(asker("U9")) is None
    assert policy.approval_for(asker(platform=Platform.DISCORD)) is None


@pytest.mark.parametrize("usd", ["20", "2.50", "'0.08'"])
def test_an_amount_is_exact(usd):
    [budget] = read(f"[[budgets]]\nusd = {usd}\nper = 'day'").budgets

    assert budget.limit == Decimal(usd.strip("'"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("admins = ['U1']", "admins: It should be a list like slack:U012"),
        ("admins = 'slack:U1'", "admins: It should be a list"),
        ("[allowd]", "Did you mean allowed?"),
        ("[[allowed]]", "Write [allowed]"),
        ("[limits]", "Write [[limits]]"),
        ("[allowed]\nchanels = ['C1']", "Did you mean channels?"),
        ("[allowed]\nchannels = [1]", "ids in quotes"),
        ("[[limits]]\nmodels = ['v9']", "limits 1, models"),
        ("[[limits]]\ncount = 9", "from 0 to 8"),
        ("[[budgets]]\nper = 'day'", "usd: It is missing"),
        ("[[budgets]]\nusd = 1", "per: It is missing"),
        ("[[budgets]]\nusd = -1\nper = 'day'", "dollars from 0"),
        ("[[budgets]]\nusd = nan\nper = 'day'", "dollars from 0"),
        ("[[budgets]]\nusd = 'much'\nper = 'day'", "dollars from 0"),
        ("[[budgets]]\nusd = 1\nper = 'year'", "day, week, month"),
        ("[[budgets]]\nusd = 1\nper = 'day'\neach = 'role'", "groups: It is missing"),
        ("[[budgets]]\nusd = 1\nper = 'day'\nwarn_at = 1.5", "a part of the whole"),
        ("[content]\nblocked_patterns = ['(']", "regular expressions"),
        ("[content]\nmagic = []", "some of auto, on, off"),
        ("[content]\nunsafe = 'show'", "drop, spoiler, admins"),
        ("[[approval]]", "moderators: It is missing"),
        ("[[approval]]\nmoderators = 'C9'", "slack:C012"),
        ("[[defaults]]", "flags: It is missing"),
        ("[audit]\nprompts = 1", "true or false"),
    ],
)
def test_what_is_wrong_is_named(text, says):
    assert any(says in problem for problem in problems(text))

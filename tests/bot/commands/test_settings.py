"""`settings`: what holds for whoever asks, where they ask."""

import pytest

from bot.chat.commands import ShowSettings
from bot.chat.replies import Refusal
from bot.policy.reading import read_policy

RULES = """
admins = ["slack:ada"]
[allowed]
workspaces = ["T1"]
[[limits]]
models = ["V_2", "V_3"]
sizes = ["1:1", "16:9"]
count = 3
[[limits]]
users = ["ann"]
models = ["V_3", "V_2A"]
count = 2
pictures_an_hour = 20
batches = false
[content]
suffix = "in our house style"
magic = ["auto", "off"]
[[defaults]]
channels = ["C1"]
flags = "--ar 16:9 --style design"
[[callbacks]]
users = ["bob"]
allowed = true
[[approval]]
users = ["ann"]
moderators = "slack:C9"
[[retention]]
tag = "campaign"
days = 0
"""


@pytest.fixture
def rule(rules):
    rules.replace(read_policy(RULES, read_model=str.upper))


async def settings(shop, **asks):
    return await shop.ask(ShowSettings(origin=shop.origin(**asks)))


@pytest.mark.parametrize("duplicate_days", [7])
async def test_without_rules_the_settings_are_told(shop):
    """The model when none is named, how long pictures stay, when one is asked first."""
    text = (await settings(shop)).text

    assert "Where you say nothing: --model v2\n" in text
    assert "within 7 days is offered again" in text
    assert "Pictures stay for 30 days, pinned ones for good\n" in text
    assert "may use" not in text


@pytest.mark.usefixtures("rule")
async def test_what_several_limits_let_through_together_is_told(shop):
    """A model that one of them forbids is not offered by the other."""
    text = (await settings(shop)).text

    assert "--model v2, then --ar 16:9 --style design" in text
    assert "Models you may use: v3\n" in text
    assert "Sizes you may use: 16:9, 1:1" in text
    assert "At most 2 at a time" in text
    assert "At most 20 pictures an hour" in text
    assert "No batches" in text
    assert "callback" not in text
    assert "Behind every prompt: in our house style" in text
    assert "--magic may be auto, off" in text
    assert "Moderators see your pictures" in text
    assert "where no rule says otherwise" in text


@pytest.mark.usefixtures("rule")
async def test_others_elsewhere_have_other_settings(shop):
    text = (await settings(shop, user="bob", channel="C2")).text

    assert "--style design" not in text
    assert "Models you may use: v2, v3" in text
    assert "--callback-url" in text
    assert "Moderators" not in text


@pytest.mark.usefixtures("rule")
async def test_an_admin_has_no_limits(shop):
    text = (await settings(shop, user="ada")).text

    assert "You are an admin" in text
    assert "may use" not in text


@pytest.mark.usefixtures("rule")
async def test_who_is_shut_out_learns_so(shop):
    reply = await settings(shop, workspace="T2")

    assert isinstance(reply, Refusal)
    assert "may not use this bot here" in reply.text

"""Who can see what is posted in a conversation."""

import pytest

from adapters.slack.places import KnownPlaces, visibility_by_name
from bot.domain.people import Visibility
from tests.fakes.slack.double import Fault
from tests.fakes.slack.model import BOT_USER


@pytest.mark.parametrize(
    ("channel", "name", "visibility"),
    [
        ("C1", "general", Visibility.WORKSPACE),
        ("C1", "privategroup", Visibility.MEMBERS),
        ("G1", "mpdm-a--b-1", Visibility.MEMBERS),
        ("D1", "directmessage", Visibility.OWNER),
        ("D1", "", Visibility.OWNER),
        ("C1", "", Visibility.MEMBERS),
    ],
)
def test_names_tell_the_kind(channel, name, visibility):
    """Slash commands and interactions know no channel_type."""
    assert visibility_by_name(channel, name) is visibility


def test_unknown_channels_are_closed():
    """What is not known is not shown to everyone."""
    assert KnownPlaces().by_event("C1", None) is Visibility.MEMBERS


def test_mentions_profit_from_what_was_learned():
    """app_mention does not tell what kind of channel it is."""
    places = KnownPlaces()
    places.by_event("C1", "channel")
    places.by_name("C2", "privategroup")

    assert places.by_event("C1", None) is Visibility.WORKSPACE
    assert places.by_event("C2", None) is Visibility.MEMBERS
    assert places.by_event("D3", None) is Visibility.OWNER


async def test_the_bots_channels_are_learned_at_the_start(slack, web):
    """Mentions come from channels the bot is in."""
    slack.workspace.add_channel("C0SECRET", kind="group", members={BOT_USER})
    places = KnownPlaces()

    await places.learn_all(web)

    assert places.by_event("C0PUBLIC", None) is Visibility.WORKSPACE
    assert places.by_event("C0SECRET", None) is Visibility.MEMBERS


async def test_a_channel_list_is_no_condition(slack, web):
    """Without the list the bot works; it only knows less."""
    slack.faults.add("users.conversations", Fault(error="missing_scope"))

    await KnownPlaces().learn_all(web)

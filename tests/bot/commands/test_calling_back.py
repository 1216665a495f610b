"""Who may name an address to be told of a job."""

from dataclasses import replace

import pytest

from bot.callbacks.guard import Rules
from bot.chat.commands import Generate, Origin
from bot.chat.replies import Refusal
from bot.commands.calling_back import CallingBack
from bot.domain.people import Platform
from bot.errors import NotAllowed, WrongInput
from tests.fakes.values import PERSON, PLACE

URL = "https://example.com/hook"
IN_CHAT = Origin(event_id="1", person=PERSON, place=PLACE)
AT_THE_TERMINAL = replace(IN_CHAT, person=replace(PERSON, platform=Platform.TERMINAL))


def test_the_terminal_may():
    CallingBack().check(AT_THE_TERMINAL, URL)


def test_chat_may_not_unless_a_rule_says_so():
    """Whoever may name an address makes this machine send a request there."""
    with pytest.raises(NotAllowed, match="Nothing was drawn"):
        CallingBack().check(IN_CHAT, URL)

    allowing = CallingBack(is_allowed=lambda _origin: True)
    allowing.check(IN_CHAT, URL)


def test_the_address_is_judged_at_once():
    """Not after the picture was paid for."""
    private = "http://127.0.0.1:8000/"
    with pytest.raises(WrongInput, match="The callback address"):
        CallingBack().check(AT_THE_TERMINAL, private)

    rules = Rules(is_private_allowed=True)
    CallingBack(rules=rules).check(AT_THE_TERMINAL, private)


async def test_a_refused_callback_draws_nothing(shop):
    reply = await shop.ask(
        Generate(origin=shop.origin(), text="a fox", callback_url=URL)
    )

    assert isinstance(reply, Refusal)
    assert "Callbacks are not open to you" in reply.text
    assert await shop.stores.queue.jobs() == []

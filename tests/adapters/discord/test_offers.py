"""An earlier picture offered in Discord."""

import re

from adapters.discord.buttons import BotButton
from adapters.discord.render import render
from bot.chat.commands import MessageRef
from bot.chat.replies import AlreadyDrawn
from tests.fakes.values import make_record

JOB = "k3v9w2m1q8zt4c7d"


def test_an_offer_has_two_buttons_that_are_known_again():
    """Their ids say all there is to know, so an earlier process's work."""
    message = MessageRef(channel_id="5", message_id="6")
    reply = AlreadyDrawn(
        job_id=JOB, record=make_record(), text="Drawn before.", message=message
    )

    shown = render(reply)

    ids = [spot.custom_id for spot in shown.spots]
    assert ids == [f"show_here:{JOB}", f"draw_anew:{JOB}"]
    template = BotButton.__discord_ui_compiled_template__
    assert all(re.fullmatch(template, each) for each in ids)
    assert "/5/6" in shown.content

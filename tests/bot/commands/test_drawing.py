"""Commands that draw: imagine, reproduce, new seed."""

from dataclasses import replace

import pytest

from bot.chat.commands import Generate, MessageRef, NewSeed, Reproduce
from bot.chat.replies import Accepted, Nothing, Refusal
from bot.domain.people import Platform, Visibility
from bot.domain.request import MagicPrompt
from tests.fakes.images import drawn


async def test_a_seed_is_chosen_when_none_is_given(shop):
    """So that every record can be drawn again."""
    [record] = await shop.drawn("a fox")

    assert shop.images.requests[0].seed == record.seed
    assert 0 <= record.seed <= 2147483647


async def test_a_repeated_event_makes_one_job(shop):
    """Slack's retries, double deliveries."""
    origin = shop.origin(event="trigger 1")

    first = await shop.ask(Generate(origin=origin, text="a fox"))
    second = await shop.ask(Generate(origin=origin, text="a fox"))
    await shop.done(first)

    assert (first.is_new, second.is_new) == (True, False)
    assert first.job_id == second.job_id
    assert len(shop.images.requests) == 1


async def test_wrong_input_is_refused_and_costs_nothing(shop):
    """With a sentence that says what to do next."""
    reply = await shop.ask(Generate(origin=shop.origin(), text="a fox --sede 4"))

    assert isinstance(reply, Refusal)
    assert "--seed" in reply.text
    assert shop.images.requests == []


async def test_same_sends_the_final_prompt_with_magic_off(shop):
    """The prompt as typed would be expanded anew and drawn differently."""
    request_text = "a fox --ar 16:9 --seed 42 --no text --style design --tags x"
    accepted = await shop.ask(Generate(origin=shop.origin(), text=request_text))
    [parent] = await shop.done(accepted)

    again = await shop.ask(Reproduce(origin=shop.origin(), target=parent.id))
    [record] = await shop.done(again)

    sent = shop.images.requests[1]
    assert sent.magic_prompt is MagicPrompt.OFF
    assert (sent.seed, sent.aspect_ratio, sent.negative_prompt, sent.style_type) == (
        42,
        "ASPECT_16_9",
        "text",
        "DESIGN",
    )
    assert (record.parent_id, record.tags) == (parent.id, ("x", "reproduced"))
    assert record.sha256 == parent.sha256


async def test_same_with_the_expanded_prompt(shop):
    """What magic prompt made of it is what is sent, and what was typed is inherited."""
    await shop.drawn("a fox --seed 1")
    shop.images.answers.append(
        drawn(shop.images.requests[0], prompt="a fox in golden light")
    )
    [magic] = await shop.drawn("a fox --seed 1")
    again = await shop.ask(Reproduce(origin=shop.origin(), target=magic.id))
    [record] = await shop.done(again)

    assert shop.images.requests[-1].prompt == "a fox in golden light"
    assert (record.prompt, record.expanded_prompt) == (
        "a fox",
        "a fox in golden light",
    )


async def test_same_with_flags_changes_just_that(shop):
    """And the answer names what was changed."""
    [parent] = await shop.drawn("a fox --seed 42 --ar 16:9")

    again = await shop.ask(
        Reproduce(origin=shop.origin(), target=parent.id, text="--ar 9:16 --tags new")
    )
    [record] = await shop.done(again)

    before, after = shop.images.requests
    assert (before.seed, after.seed) == (42, 42)
    assert after.aspect_ratio == "ASPECT_9_16"
    assert "9:16" in again.text
    assert record.tags == ("new", "reproduced")


async def test_a_message_with_several_pictures(shop):
    """`same 2` is the second one; without a number it is the first."""
    records = await shop.drawn("a fox --seed 5 --n 3")
    ref = MessageRef(channel_id="C1", message_id="1")

    second = await shop.ask(Reproduce(origin=shop.origin(), target=ref, text="2"))
    wrong = await shop.ask(Reproduce(origin=shop.origin(), target=ref, text="4"))
    [record] = await shop.done(second)

    assert record.parent_id == records[1].id
    assert isinstance(wrong, Refusal)


async def test_a_message_without_pictures_is_left_alone(shop):
    """`same` under somebody's holiday photo is talk."""
    ref = MessageRef(channel_id="C1", message_id="nobody's")

    reply = await shop.ask(Reproduce(origin=shop.origin(), target=ref))

    assert reply == Nothing()


async def test_in_a_thread_the_newest_picture_is_meant(shop):
    """A picture asked for in someone's thread has no message of its own to reply below."""
    origin = shop.origin()
    in_thread = replace(origin, place=replace(origin.place, thread_id="17.5"))
    await shop.drawn("a fox", origin=in_thread)
    later = shop.origin()
    later = replace(later, place=replace(later.place, thread_id="17.5"))
    [newest] = await shop.drawn("a cat", origin=later)
    ref = MessageRef(channel_id="C1", message_id="17.5")

    again = await shop.ask(Reproduce(origin=shop.origin(), target=ref))
    [record] = await shop.done(again)

    assert record.parent_id == newest.id


async def test_presses_close_together_are_one(shop):
    """A double click draws once; another person's press is another one."""
    [record] = await shop.drawn("a fox")

    def press(user):
        origin = shop.origin(user=user)
        return Reproduce(origin=origin, target=record.id, is_press=True)

    first = await shop.ask(press("ann"))
    second = await shop.ask(press("ann"))
    other = await shop.ask(press("bob"))

    assert first.job_id == second.job_id != other.job_id


async def test_new_seed_is_as_typed_but_for_the_seed(shop):
    """Magic prompt and all."""
    [parent] = await shop.drawn("a fox --seed 42 --magic on --ar 3:2")

    accepted = await shop.ask(NewSeed(origin=shop.origin(), target=parent.id))
    [record] = await shop.done(accepted)

    sent = shop.images.requests[1]
    assert (sent.prompt, sent.magic_prompt, sent.aspect_ratio) == (
        "a fox",
        MagicPrompt.ON,
        "ASPECT_3_2",
    )
    assert sent.seed != 42
    assert (record.parent_id, record.tags) == (parent.id, ())


@pytest.mark.parametrize(
    ("asker", "is_seen"),
    [
        pytest.param({"user": "bob"}, True, id="same private channel"),
        pytest.param({"user": "bob", "channel": "C2"}, False, id="elsewhere"),
        pytest.param({"user": "ann", "channel": "C2"}, True, id="one's own"),
        pytest.param({"workspace": "T2"}, False, id="another workspace"),
        pytest.param({"platform": Platform.DISCORD}, False, id="another platform"),
    ],
)
async def test_who_may_reproduce_a_picture_of_a_private_channel(shop, asker, is_seen):
    """Nothing leaks to the wrong people."""
    private = shop.origin(visibility=Visibility.MEMBERS)
    [record] = await shop.drawn("a secret", origin=private)

    reply = await shop.ask(Reproduce(origin=shop.origin(**asker), target=record.id))

    assert isinstance(reply, Accepted if is_seen else Refusal)


async def test_a_private_picture_is_its_owners(shop):
    """`--private`."""
    [record] = await shop.drawn("a secret --private")

    theirs = await shop.ask(Reproduce(origin=shop.origin(user="bob"), target=record.id))
    own = await shop.ask(Reproduce(origin=shop.origin(), target=record.id))
    [again] = await shop.done(own)

    assert isinstance(theirs, Refusal)
    assert again.place.visibility is Visibility.OWNER


async def test_a_beginning_of_an_id_will_do(shop):
    """As long as it is unique."""
    [record] = await shop.drawn("a fox")

    reply = await shop.ask(Reproduce(origin=shop.origin(), target=record.id[:6]))

    assert isinstance(reply, Accepted)

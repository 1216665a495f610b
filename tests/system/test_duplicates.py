"""What was drawn before is offered and not paid for again: the real program on both chats."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.ideogram.simulator.faults import Fault as Failing
from tests.fakes.slack.double import Fault
from tests.system.rooms import ANEW, SHOW, Room, new_room
from tests.system.world import World, world
from tests.system.worlds import Worlds

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
    pytest.mark.drill,
]

PLATFORMS = pytest.mark.parametrize("platform", ["slack", "discord"])
_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worlds(tmp_path_factory) -> AsyncIterator[Worlds]:
    made = Worlds(
        lambda: world(tmp_path_factory.mktemp("duplicates"), DUPLICATE_DAYS="7")
    )
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def here(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds.lend() as lent:
        yield lent
        await lent.idle()
        lent.check_stores()


def new_prompt() -> str:
    """Give a prompt that nobody has asked for."""
    return f"a fox asked for twice, number {next(_numbers)}"


async def draw(here: World, room: Room, prompt: str) -> bytes:
    """Draw *prompt* in an empty channel; give the picture."""
    await room.ask(prompt)
    [picture] = await room.pictures(1)
    await room.told()
    await here.idle()
    return picture


async def ask_and_draw(
    here: World, room: Room, typed: str, prompt: str, **asking: Any
) -> None:
    """Ask; return once *prompt* was drawn a second time, which nobody was asked for."""
    await room.ask(typed, **asking)
    await here.until(lambda: len(here.calls(prompt)) == 2)


async def jobs(here: World, prompt: str) -> list[dict[str, Any]]:
    """Give the jobs of a prompt, as the operator lists them."""
    listed = await here.terminal("jobs", "--json")
    return [job for job in listed.json if job["prompt"] == prompt]


@PLATFORMS
async def test_the_same_is_offered_and_shown_for_nothing(here: World, platform: str):
    """One call to Ideogram, one record, two messages; shown once however often pressed."""
    room, prompt = await new_room(here, platform), new_prompt()
    picture = await draw(here, room, prompt)

    asked = await room.ask(f"  {prompt.upper()} --style auto ")
    offered = await room.offer(asked)
    await asyncio.gather(room.press(asked, SHOW), room.press(asked, SHOW))
    shown = await room.pictures(2)
    await here.idle()

    assert offered == picture
    assert shown == [picture, picture]
    assert room.buttons(asked) == 0
    assert len(here.calls(prompt)) == 1
    assert len(here.rows(prompt=prompt)) == 1


@PLATFORMS
async def test_draw_anew_draws_once(here: World, platform: str):
    """Another seed, another record, paid for because somebody said so."""
    room, prompt = await new_room(here, platform), new_prompt()
    picture = await draw(here, room, prompt)

    asked = await room.ask(prompt)
    await room.offer(asked)
    await asyncio.gather(room.press(asked, ANEW), room.press(asked, ANEW))
    first, second = await room.pictures(2)
    await here.idle()

    assert first == picture != second
    assert len(here.calls(prompt)) == 2
    assert len(here.rows(prompt=prompt)) == 2


@PLATFORMS
async def test_of_both_buttons_the_first_decides(here: World, platform: str):
    """Pressed at the same time by somebody in a hurry."""
    room, prompt = await new_room(here, platform), new_prompt()
    await draw(here, room, prompt)

    asked = await room.ask(prompt)
    await room.offer(asked)
    await asyncio.gather(room.press(asked, SHOW), room.press(asked, ANEW))
    shown = await room.pictures(2)
    await here.idle()

    assert len(shown) == 2
    assert len(here.calls(prompt)) == len(set(shown)) == len(here.rows(prompt=prompt))


@PLATFORMS
async def test_it_is_offered_to_others_where_they_may_see_it(
    here: World, platform: str
):
    """In the same public channel and in another one of the workspace."""
    room, prompt = await new_room(here, platform), new_prompt()
    elsewhere = await new_room(here, platform)
    picture = await draw(here, room, prompt)

    for place in (room, elsewhere):
        assert await place.offer(await place.ask(prompt, user=2)) == picture

    assert len(here.calls(prompt)) == 1


@PLATFORMS
async def test_it_does_not_leave_a_private_channel(here: World, platform: str):
    """Not even for the one who asked for it there; inside it is offered to all."""
    room = await new_room(here, platform, is_private=True)
    prompt, elsewhere = new_prompt(), await new_room(here, platform)
    picture = await draw(here, room, prompt)

    assert await room.offer(await room.ask(prompt, user=2)) == picture
    await ask_and_draw(here, elsewhere, prompt, prompt)


async def test_it_does_not_leave_its_platform(here: World):
    """Slack and Discord are strangers."""
    prompt = new_prompt()
    await draw(here, await new_room(here, "slack"), prompt)

    await ask_and_draw(here, await new_room(here, "discord"), prompt, prompt)


async def test_it_does_not_leave_its_workspace(here: World):
    """A second Slack team, which the bot may be installed in as well."""
    room, prompt = await new_room(here, "slack"), new_prompt()
    await draw(here, room, prompt)

    await ask_and_draw(here, room, prompt, prompt, team_id="T9OTHER")


@PLATFORMS
@pytest.mark.parametrize("flags", ["--seed 7", "--ar 16:9"])
async def test_what_is_another_picture_is_drawn(here: World, platform: str, flags: str):
    """A seed that was typed is the person's own; so is every other flag."""
    room, prompt = await new_room(here, platform), new_prompt()
    await draw(here, room, prompt)

    await ask_and_draw(here, room, f"{prompt} {flags}", prompt)


@PLATFORMS
async def test_a_restart_loses_no_offer(here: World, platform: str):
    """The buttons say all there is to know, and the held job waits."""
    room, prompt = await new_room(here, platform), new_prompt()
    picture = await draw(here, room, prompt)
    asked = await room.ask(prompt)
    await room.offer(asked)

    await here.restart()
    states = {job["state"] for job in await jobs(here, prompt)}
    await room.press(asked, SHOW)

    assert await room.pictures(2) == [picture, picture]
    assert states == {"done", "held"}
    assert len(here.calls(prompt)) == 1


async def test_what_was_withheld_is_drawn_again(here: World):
    """There is nothing to show; whether it is withheld again is Ideogram's to say."""
    room, prompt = await new_room(here, "slack"), f"{new_prompt()}, unsafe"
    await room.ask(prompt)
    await here.until(lambda: len(here.rows(prompt=prompt)) == 1)
    await here.idle()

    await ask_and_draw(here, room, prompt, prompt)


async def test_what_failed_is_drawn_again(here: World):
    """There is no picture, and nothing was paid for one."""
    room, prompt = await new_room(here, "slack"), new_prompt()
    here.ideogram.faults.generate.append(Failing(status=400, body={"error": "no"}))
    await room.ask(prompt)
    await here.idle()

    await ask_and_draw(here, room, prompt, prompt)


@PLATFORMS
async def test_what_was_deleted_is_drawn_again(tmp_path, platform: str):
    """By retention as by hand; an offer made before can still be drawn anew."""
    async with world(
        tmp_path,
        slack="socket" if platform == "slack" else "",
        discord=platform == "discord",
        DUPLICATE_DAYS="7",
    ) as alone:
        room, prompt = await new_room(alone, platform), new_prompt()
        await draw(alone, room, prompt)
        asked = await room.ask(prompt)
        await room.offer(asked)

        swept = await alone.terminal("cleanup", "--older-than", "0", "--json")
        await room.press(asked, SHOW)
        await room.press(asked, ANEW)
        shown = await room.pictures(2)
        await alone.idle()

        assert swept.status == 0
        assert len(shown) == 2
        assert len(alone.calls(prompt)) == 2


async def test_what_could_not_be_posted_is_offered(here: World):
    """It is paid for and kept; Slack has no file of it, so the words stand alone."""
    room, prompt = await new_room(here, "slack"), new_prompt()
    here.slack.faults.add("files.completeUploadExternal", Fault(error="is_archived"))
    await room.ask(prompt)
    await here.slack.wait_for_note("archived")
    await here.idle()

    asked = await room.ask(prompt)
    await room.press(asked, SHOW)
    [shown] = await room.pictures(1)

    [row] = here.rows(prompt=prompt)
    assert shown == here.file(row).read_bytes()
    assert len(here.calls(prompt)) == 1


async def test_days_of_zero_never_ask(tmp_path):
    """As the setting says."""
    async with world(tmp_path, discord=False, DUPLICATE_DAYS="0") as alone:
        room, prompt = await new_room(alone, "slack"), new_prompt()
        await draw(alone, room, prompt)

        await ask_and_draw(alone, room, prompt, prompt)
        assert len(await room.pictures(2)) == 2

"""What is opened on a thread, and closed whatever happens meanwhile."""

import asyncio
import threading

import pytest

from bot.opening import opened


class Door:
    """Remembers whether it is closed; opening it takes until *may_open* is set."""

    def __init__(self) -> None:
        self.may_open = threading.Event()
        self.is_being_opened = threading.Event()
        self.is_closed = False

    def open(self) -> "Door":
        self.is_being_opened.set()
        assert self.may_open.wait(10)
        return self

    def close(self) -> None:
        self.is_closed = True


async def test_it_is_closed_at_the_end():
    """It is open for as long as it is used."""
    door = Door()
    door.may_open.set()

    async with opened(door.open) as thing:
        was_closed = thing.is_closed

    assert (was_closed, door.is_closed) == (False, True)


async def test_a_cancellation_leaves_nothing_open():
    """A thread cannot be cancelled: what it opens afterwards must not be dropped."""
    door = Door()

    async def use() -> None:
        async with opened(door.open):
            pytest.fail("cancelled before it was open")

    using = asyncio.create_task(use())
    await asyncio.to_thread(door.is_being_opened.wait, 10)
    using.cancel()
    await asyncio.sleep(0)
    door.may_open.set()

    with pytest.raises(asyncio.CancelledError):
        await using
    assert door.is_closed


async def test_what_cannot_be_opened_is_told():
    """The caller translates the error, where it knows what the file was for."""

    def fail() -> Door:
        raise FileNotFoundError

    with pytest.raises(FileNotFoundError):
        async with opened(fail):
            pytest.fail("nothing was opened")

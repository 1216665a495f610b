"""What every Once promises."""

import asyncio


async def test_only_the_first_time_is_the_first(stores):
    assert await stores.once.first("hint:U1:m1")
    assert not await stores.once.first("hint:U1:m1")
    assert await stores.once.first("hint:U2:m1")


async def test_of_many_at_once_one_is_first(stores):
    answers = await asyncio.gather(*(stores.once.first("key") for _ in range(20)))

    assert sum(answers) == 1


async def test_it_is_remembered_over_restarts(open_stores):
    async with open_stores() as stores:
        await stores.once.first("key")

    async with open_stores() as stores:
        assert not await stores.once.first("key")

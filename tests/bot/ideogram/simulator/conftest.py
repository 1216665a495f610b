"""A double whose requests are not written down: many here are wrong on purpose."""

import pytest

from tests.fakes.ideogram import ideogram_double


@pytest.fixture
async def double():
    async with ideogram_double(is_recorded=False) as double:
        yield double

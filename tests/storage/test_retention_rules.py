"""What a sweep deletes is what the rules say, picture by picture."""

import asyncio
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.job import JobState, Step
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import PostedMessage
from bot.policy.retention import KeptPicture, Limits, RetentionRule
from tests.contracts.databases import DATABASES
from tests.storage.house import NOW, open_house

DAY = timedelta(days=1)
PLATFORMS = (Platform.SLACK, Platform.DISCORD)
CHANNELS = ("C1", "C2")
TAGS = ("draft", "keep")
MODELS = ("V_2", "V_3")


def maybe(values):
    return st.none() | st.sampled_from(values)


days = st.none() | st.integers(0, 9).map(lambda number: number * DAY)
rules = st.builds(
    RetentionRule,
    keep_for=days,
    platform=maybe(PLATFORMS),
    channel_id=maybe(CHANNELS),
    tag=maybe(TAGS),
    model=maybe(MODELS),
    is_unsafe=st.none() | st.booleans(),
)
limits = st.builds(Limits, rules=st.lists(rules, max_size=3).map(tuple), otherwise=days)
pictures = st.fixed_dictionaries(
    {
        "age": st.integers(0, 10).map(lambda number: number * DAY),
        "platform": st.sampled_from(PLATFORMS),
        "channel_id": st.sampled_from(CHANNELS),
        "tags": st.lists(st.sampled_from(TAGS), unique=True).map(tuple),
        "model": st.sampled_from(MODELS),
        "is_safe": st.booleans(),
        "is_pinned": st.booleans(),
        "state": st.sampled_from([JobState.DONE, JobState.FAILED, JobState.WAITING]),
    }
)


def expected(pictures, limits):
    """Give the names of those that stay, by the pure rule alone."""
    staying = []
    for number, one in enumerate(pictures):
        picture = KeptPicture(
            id=f"p{number}-1",
            created_at=NOW - one["age"],
            platform=one["platform"],
            workspace_id="T1",
            channel_id=one["channel_id"],
            model=one["model"],
            tags=one["tags"],
            is_safe=one["is_safe"],
        )
        is_exempt = one["is_pinned"] or one["state"] is JobState.WAITING
        if is_exempt or not limits.is_due(picture, NOW):
            staying.append(picture.id)
    return staying


async def keep(house, number, one):
    person = Person(platform=one["platform"], workspace_id="T1", user_id="U1")
    place = Place(
        platform=one["platform"],
        workspace_id="T1",
        channel_id=one["channel_id"],
        visibility=Visibility.WORKSPACE,
    )
    return await house.keep(
        f"p{number}",
        age=one["age"],
        content=str(number).encode(),
        state=one["state"],
        person=person,
        place=place,
        tags=one["tags"],
        model=one["model"],
        is_safe=one["is_safe"],
        is_pinned=one["is_pinned"],
    )


async def swept(folder, database, pictures, limits):
    """Give what was planned, what stayed, and whether the files are those of the records."""
    async with open_house(folder, database) as house:
        paths = [await keep(house, n, one) for n, one in enumerate(pictures)]
        plan = await house.retention.plan(limits)
        result = await house.retention.sweep(limits)
        kept = await house.kept()
        names = {f"p{number}-1": path for number, path in enumerate(paths)}
        assert house.paths() == sorted(names[record] for record in kept)
        assert result == plan.result
        assert sum(one.records for one in plan.by_rule.values()) == result.records
        return [record.id for record in plan.planned], kept


@pytest.mark.parametrize("database", DATABASES.values(), ids=DATABASES)
@settings(max_examples=40, deadline=None)
@given(pictures=st.lists(pictures, max_size=8), limits=limits)
def test_a_sweep_deletes_what_the_rules_say_and_nothing_else(
    database, pictures, limits
):
    """Plan, sweep and the pure rule are of one mind."""
    with tempfile.TemporaryDirectory() as folder:
        planned, kept = asyncio.run(swept(Path(folder), database, pictures, limits))

    staying = expected(pictures, limits)
    assert sorted(kept) == sorted(staying)
    assert not set(planned) & set(staying)


@pytest.mark.parametrize("takes_back", [True, False], ids=["delete", "keep"])
async def test_the_message_goes_with_its_last_picture(tmp_path, database, takes_back):
    """RETENTION_MESSAGES: the channel forgets what the bot forgets, or does not."""
    async with open_house(tmp_path, database, takes_back=takes_back) as house:
        await house.keep("old", age=9 * DAY, state=JobState.RUNNING)
        shown = PostedMessage(channel_id="C1", message_id="1.1", record_ids=("old-1",))
        await house.steps.finish("old", Step.POST, {"files": ["F1"]}, posted=[shown])
        job = await house.queue.find("old")
        await house.queue.save(replace(job, state=JobState.DONE))

        await house.sweep(DAY)

        due = await house.take_backs.due(NOW)
        told = [(one.message.message_id, one.notes) for one in due]
        assert told == ([("1.1", {"files": ["F1"]})] if takes_back else [])

"""What every JobQueue promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.budget import Account, Hold
from bot.domain.job import JobState, Step
from bot.domain.people import Place, Platform
from bot.errors import BudgetExceeded, NotFound
from tests.contracts.values import ANN, BOB, GENERAL, NOON, make_job

FINAL = [JobState.DONE, JobState.FAILED, JobState.CANCELLED]
THREE_SECONDS = timedelta(seconds=3)


async def test_a_job_comes_back_as_it_was_written(open_stores):
    """Everything a job is must survive the process."""
    job = make_job(
        press_key="U1:reproduce:r-1",
        callback_url="https://example.com/",
        not_before=NOON,
        error="No.",
    )
    async with open_stores() as stores:
        await stores.queue.submit(job)

    async with open_stores() as stores:
        found = await stores.queue.find(job.id)

    assert found == job


async def test_an_event_makes_one_job(stores):
    """Slack repeats what it thinks was lost: the first job stands for both."""
    first = await stores.queue.submit(make_job("a"))

    again = await stores.queue.submit(make_job("a", person=BOB))

    assert first.is_new
    assert not again.is_new
    assert again.job == first.job


async def test_many_repetitions_at_once_make_one_job(stores):
    """Repetitions may arrive together."""
    answers = await asyncio.gather(
        *(stores.queue.submit(make_job("a")) for _ in range(30))
    )

    assert sum(answer.is_new for answer in answers) == 1
    assert len(await stores.queue.jobs()) == 1


@pytest.mark.parametrize(
    ("seconds", "is_new"),
    [
        pytest.param(-1, False, id="written before the first"),
        pytest.param(0, False, id="at once"),
        pytest.param(3, False, id="at the end of the window"),
        pytest.param(3.000001, True, id="after it"),
    ],
)
async def test_presses_close_to_the_first_are_one(stores, seconds, is_new):
    """A double click pays once."""
    first = make_job("a", press_key="U1:reproduce:r-1")
    later = replace(
        first, id="b", created_at=first.created_at + timedelta(seconds=seconds)
    )
    await stores.queue.submit(first, once_within=THREE_SECONDS)

    answer = await stores.queue.submit(later, once_within=THREE_SECONDS)

    assert answer.is_new is is_new
    assert answer.job == (later if is_new else first)


async def test_presses_count_from_the_first_one(stores):
    """Who keeps pressing gets a picture every three seconds, not none for ever."""
    answers = [
        await stores.queue.submit(
            make_job(
                f"job{second}",
                press_key="U1:new_seed:r-1",
                created_at=NOON + timedelta(seconds=second),
            ),
            once_within=THREE_SECONDS,
        )
        for second in (0, 2, 4)
    ]

    assert [answer.is_new for answer in answers] == [True, False, True]


async def test_presses_of_others_are_others(stores):
    """The key says who pressed which button."""
    await stores.queue.submit(
        make_job("a", press_key="U1:reproduce:r-1"), once_within=THREE_SECONDS
    )

    answer = await stores.queue.submit(
        make_job("b", press_key="U2:reproduce:r-1"), once_within=THREE_SECONDS
    )

    assert answer.is_new


async def test_without_a_window_presses_are_not_compared(stores):
    await stores.queue.submit(make_job("a", press_key="key"))

    answer = await stores.queue.submit(make_job("b", press_key="key"))

    assert answer.is_new


async def test_an_unknown_job_is_none(stores):
    assert await stores.queue.find("nothing") is None


async def test_match_gives_the_persons_jobs_by_a_beginning(stores):
    """People type the first characters of an id."""
    for job in (make_job("abc1"), make_job("abd"), make_job("abc2", person=BOB)):
        await stores.queue.submit(job)

    assert [job.id for job in await stores.queue.match("abc", ANN)] == ["abc1"]
    assert [job.id for job in await stores.queue.match("ab", ANN)] == ["abd", "abc1"]
    assert await stores.queue.match("a%", ANN) == []


async def test_match_is_bounded(stores):
    for number in range(12):
        await stores.queue.submit(make_job(f"job{number:02}"))

    assert len(await stores.queue.match("job", ANN)) == 10


async def test_newest_unfinished_is_what_cancel_means(stores):
    """`cancel` alone: not what is over, not what is being cancelled, not another's."""
    for name in ("old", "over", "cancelled"):
        await stores.queue.submit(make_job(name))
    await stores.queue.submit(make_job("other", person=BOB))
    await stores.queue.save(make_job("over", state=JobState.DONE))
    await stores.queue.request_cancel("cancelled")

    newest = await stores.queue.newest_unfinished(ANN)

    assert newest is not None
    assert newest.id == "old"


async def test_jobs_are_newest_first(stores):
    for name in ("a", "b", "c"):
        await stores.queue.submit(make_job(name))
    await stores.queue.save(make_job("b", state=JobState.FAILED))

    assert [job.id for job in await stores.queue.jobs()] == ["c", "b", "a"]
    assert [job.id for job in await stores.queue.jobs(limit=2)] == ["c", "b"]
    failed = await stores.queue.jobs(state=JobState.FAILED)
    assert [job.id for job in failed] == ["b"]


async def test_unfinished_is_what_to_do_at_start(open_stores):
    """Oldest first, and nothing that is over."""
    async with open_stores() as stores:
        for state in JobState:
            await stores.queue.submit(make_job(state.value))
            await stores.queue.save(make_job(state.value, state=state))

    async with open_stores() as stores:
        unfinished = await stores.queue.unfinished()

    waits = ["queued", "running", "waiting", "review"]
    assert [job.id for job in unfinished] == waits


async def test_untold_is_what_nobody_heard_of(stores):
    """A crash between the end of a job and the note about it."""
    for state in FINAL:
        await stores.queue.submit(make_job(state.value))
        await stores.queue.save(make_job(state.value, state=state))
    await stores.queue.submit(make_job("running"))

    await stores.queue.told("failed")

    untold = await stores.queue.untold()
    assert [job.id for job in untold] == ["done", "cancelled"]


async def test_submitted_since_gives_each_job_once(stores):
    """A live `run` takes up what other processes write down."""
    await stores.queue.submit(make_job("a"))
    first, position = await stores.queue.submitted_since(0)
    await stores.queue.submit(make_job("b"))

    second, after = await stores.queue.submitted_since(position)
    third, last = await stores.queue.submitted_since(after)

    assert [job.id for job in first] == ["a"]
    assert [job.id for job in second] == ["b"]
    assert (third, last) == ([], after)


async def test_submitted_since_passes_by_what_has_ended(stores):
    """A start after a long life must not read every job there ever was."""
    await stores.queue.submit(make_job("a"))
    await stores.queue.save(make_job("a", state=JobState.DONE))

    jobs, position = await stores.queue.submitted_since(0)

    assert jobs == []
    assert position > 0


async def test_save_writes_what_changes(stores):
    job = make_job()
    await stores.queue.submit(job)
    changed = replace(
        job,
        state=JobState.QUEUED,
        not_before=NOON + timedelta(seconds=2),
        failures=1,
        calls=2,
        crashes=1,
        error="Ideogram is busy.",
        error_kind="ProviderBusy",
    )

    answer = await stores.queue.save(changed)

    assert answer == changed
    assert await stores.queue.find(job.id) == changed


async def test_save_keeps_a_cancel_request_made_meanwhile(stores):
    """The worker's copy of a job is older than the request."""
    job = make_job()
    await stores.queue.submit(job)
    await stores.queue.request_cancel(job.id)

    answer = await stores.queue.save(replace(job, state=JobState.RUNNING))

    assert answer.is_cancel_requested
    assert answer.state is JobState.RUNNING
    assert await stores.queue.find(job.id) == answer


async def test_save_of_an_unknown_job_is_refused(stores):
    with pytest.raises(NotFound):
        await stores.queue.save(make_job())


@pytest.mark.parametrize("state", FINAL)
async def test_a_final_job_cannot_be_cancelled(stores, state):
    await stores.queue.submit(make_job())
    await stores.queue.save(make_job(state=state))

    assert await stores.queue.request_cancel("job0") is None


async def test_what_is_being_cancelled_is_found_until_it_is_final(stores):
    """Another process may have marked it."""
    for name in ("one", "two", "three"):
        await stores.queue.submit(make_job(name))
    await stores.queue.request_cancel("one")
    marked = await stores.queue.request_cancel("two")
    one = await stores.queue.find("one")
    await stores.queue.save(replace(one, state=JobState.CANCELLED))

    assert await stores.queue.cancelling() == [marked]


async def test_request_cancel_gives_the_job_as_it_stands(stores):
    await stores.queue.submit(make_job())
    await stores.queue.save(make_job(state=JobState.RUNNING))

    answer = await stores.queue.request_cancel("job0")

    assert answer == make_job(state=JobState.RUNNING, is_cancel_requested=True)


async def test_wake_queues_what_waits_for_a_channel(stores):
    """An invitation to a channel opens all of its threads, and no other channel."""
    other_thread = replace(GENERAL, thread_id=None)
    elsewhere = replace(GENERAL, channel_id="C2")
    discord = replace(GENERAL, platform=Platform.DISCORD)
    someone = replace(ANN, platform=Platform.DISCORD)
    places = {"a": (GENERAL, ANN), "b": (other_thread, BOB), "c": (elsewhere, ANN)}
    for name, (place, person) in (places | {"d": (discord, someone)}).items():
        waiting = make_job(
            name, place=place, person=person, state=JobState.WAITING, not_before=NOON
        )
        await stores.queue.submit(waiting)
    await stores.queue.submit(make_job("running", state=JobState.RUNNING))

    woken = await stores.queue.wake(
        Place(platform=Platform.SLACK, workspace_id="T1", channel_id="C1")
    )

    assert [(job.id, job.state, job.not_before) for job in woken] == [
        ("a", JobState.QUEUED, None),
        ("b", JobState.QUEUED, None),
    ]
    assert await stores.queue.find("a") == woken[0]
    waiting = await stores.queue.jobs(state=JobState.WAITING)
    assert [job.id for job in waiting] == ["d", "c"]


async def test_counts_what_is_not_final(stores):
    states = [JobState.QUEUED, JobState.QUEUED, JobState.RUNNING, JobState.DONE]
    for number, state in enumerate(states):
        await stores.queue.submit(make_job(f"job{number}", state=state))

    counts = await stores.queue.counts()

    assert counts == {JobState.QUEUED: 2, JobState.RUNNING: 1}


async def test_a_cancelled_caller_harms_nobody(stores):
    """A front end that gives up must not take others' jobs with it."""
    given_up = asyncio.ensure_future(stores.queue.submit(make_job("a")))
    await asyncio.sleep(0)
    given_up.cancel()

    await stores.queue.submit(make_job("b"))

    assert await stores.queue.find("b") is not None
    with pytest.raises(asyncio.CancelledError):
        await given_up


async def test_checkpoints_go_with_their_job(stores):
    """A job's counters and its steps are one story."""
    await stores.queue.submit(make_job(failures=2, crashes=1))

    await stores.steps.finish("job0", Step.DRAW, {})

    job = await stores.queue.find("job0")
    assert job is not None
    assert (job.failures, job.crashes) == (0, 0)


HELD = {"state": JobState.HELD, "shows": ("old-1",)}


async def test_a_held_job_waits_and_is_in_nobodys_way(stores):
    """It is written down, listed, and nothing else: nobody said yes."""
    job = make_job("a", **HELD)

    await stores.queue.submit(job)

    assert await stores.queue.find("a") == job
    assert await stores.queue.jobs(state=JobState.HELD) == [job]
    assert await stores.queue.unfinished() == []
    assert await stores.queue.newest_unfinished(ANN) is None
    assert (await stores.queue.submitted_since(0))[0] == []
    assert await stores.queue.untold() == []
    assert await stores.queue.counts() == {}


async def test_a_held_job_is_answered_once(stores):
    """Of two presses at once the first decides."""
    job = make_job("a", **HELD)
    await stores.queue.submit(job)
    anew = replace(job, shows=(), return_address={"token": "new"})

    answers = await asyncio.gather(*(stores.queue.answer(anew) for _ in range(5)))

    [answered] = [answer for answer in answers if answer]
    assert answered == replace(anew, state=JobState.QUEUED)
    assert await stores.queue.unfinished() == [answered]


async def test_a_held_job_may_be_cancelled_by_its_answer(stores):
    """In one write, so that a crash between two cannot let it run."""
    job = make_job("a", **HELD)
    await stores.queue.submit(job)

    await stores.queue.answer(replace(job, is_cancel_requested=True))

    [cancelling] = await stores.queue.cancelling()
    assert cancelling.id == "a"


DAY = Account(budget="day:workspace:slack:T1", period="2026-11-20")


def hold(amount, limit=100):
    """Give what a picture takes of the day's budget."""
    return [Hold(account=DAY, amount=amount, limit=limit, name="the budget")]


async def reserved(stores):
    return (await stores.ledger.standings([DAY]))[DAY].reserved


async def test_an_answer_sets_money_aside(stores):
    """Once, like the answer; it is free again when nothing was spent."""
    job = make_job("a", **HELD)
    await stores.queue.submit(job)

    answered = await stores.queue.answer(replace(job, shows=()), holds=hold(60))
    again = await stores.queue.answer(replace(job, shows=()), holds=hold(60))

    assert again is None
    assert await reserved(stores) == 60
    await stores.queue.save(replace(answered, state=JobState.CANCELLED))
    assert await reserved(stores) == 0


async def test_what_was_drawn_and_then_lost_is_spent(stores):
    """Ideogram bills for it, whatever became of the picture."""
    job = make_job("a", **HELD)
    await stores.queue.submit(job)
    answered = await stores.queue.answer(replace(job, shows=()), holds=hold(60))
    await stores.steps.finish(job.id, Step.DRAW, {"images": []})

    await stores.queue.save(replace(answered, state=JobState.FAILED))

    standing = (await stores.ledger.standings([DAY]))[DAY]
    assert (standing.settled, standing.reserved) == (60, 0)


async def test_an_answer_that_costs_too_much_leaves_the_job_held(stores):
    """Tomorrow, or shown for nothing, it can still be answered."""
    job = make_job("a", **HELD)
    await stores.queue.submit(job)

    with pytest.raises(BudgetExceeded):
        await stores.queue.answer(replace(job, shows=()), holds=hold(101))

    assert await stores.queue.find("a") == job
    assert await reserved(stores) == 0
    assert await stores.queue.answer(job) is not None


async def test_a_dropped_job_frees_what_was_set_aside_for_it(stores):
    """Whoever sets money aside while asking gets it back from those who never answer."""
    await stores.queue.submit(make_job("a", **HELD), holds=hold(60))

    await stores.queue.drop_held(NOON + timedelta(minutes=1))

    assert await reserved(stores) == 0


async def test_a_held_job_nobody_answers_ends_silently(stores):
    """Its person is not told of what they chose not to do."""
    await stores.queue.submit(make_job("a", **HELD))
    later = make_job("b", created_at=NOON + timedelta(hours=1), **HELD)
    await stores.queue.submit(later)

    dropped = await stores.queue.drop_held(NOON + timedelta(minutes=1))

    assert dropped == 1
    assert (await stores.queue.find("a")).state is JobState.CANCELLED
    assert await stores.queue.untold() == []
    assert await stores.queue.answer(make_job("a", **HELD)) is None
    assert await stores.queue.jobs(state=JobState.HELD) == [later]

"""A drawing command of the terminal: its job handed to a live run, or worked here.

Beside a live `run` on the same database the job is handed over and waited for; without one
it is worked here, and so it is when that one dies meanwhile.
"""

import asyncio
import getpass
import os
import uuid
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

from adapters.terminal.operations import (
    CopyMade,
    Outcome,
    ShowProgress,
)
from adapters.terminal.send import TerminalSender
from bot.chat.commands import Command, Origin
from bot.chat.progress import Progress, Stage
from bot.chat.replies import Accepted
from bot.domain.job import Job, JobId, JobState
from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import Record, RecordId
from bot.domain.text import encodable
from bot.errors import NotFound
from bot.filing import finish_moving
from bot.jobs.following import resize_jobs
from bot.policy_file import CurrentPolicy, load_policy
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.telling import tell
from bot.wiring import Core, make_core, open_images
from storage.lock import OwnerLock

HERE = Place(
    platform=Platform.TERMINAL,
    workspace_id="local",
    channel_id="terminal",
    visibility=Visibility.WORKSPACE,
)
DRAIN = timedelta(seconds=20)
LOOK_EVERY = timedelta(seconds=0.2)


def origin_here() -> Origin:
    """Give who types at this machine, as an event of its own."""
    person = Person(
        platform=Platform.TERMINAL, workspace_id="local", user_id=_user_name()
    )
    return Origin(event_id=uuid.uuid4().hex, person=person, place=HERE)


def _user_name() -> str:
    """Give the name of who typed; the number where it has none, as in some containers."""
    try:
        return encodable(getpass.getuser())
    except KeyError:
        return str(os.getuid())


async def draw(
    settings: Settings, command: Command, on_progress: ShowProgress
) -> Outcome:
    """Carry *command* out and wait for its job: worked elsewhere, or else here."""
    policy = CurrentPolicy(load_policy(settings))
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings))
        images = await stack.enter_async_context(open_images(settings))
        senders = {Platform.TERMINAL: TerminalSender(on_progress)}
        core = make_core(settings, stores, images, senders, policy=policy)
        accepted = await core.dispatcher.carry_out(command)
        if not isinstance(accepted, Accepted):
            raise NotFound("There is no such picture.")
        on_progress(Progress(stage=Stage.QUEUED, text=accepted.text))
        lock = OwnerLock(settings.database_path)
        stack.callback(lock.release)
        job = await _finished(accepted.job_id, stores, core, lock, on_progress)
        made = await _copies(job, stores, core, lock, on_progress)
        if stores.mover:
            on_progress(Progress(stage=Stage.POSTING, text="On its way to the bucket…"))
        left = await finish_moving(stores.mover, lock)
        if job.callback_url and lock.try_acquire():
            on_progress(Progress(stage=Stage.POSTING, text="Calling back…"))
            await tell(settings, stores, job.id)
        records = await _shown(job, stores)
        # What is in the bucket will be gone from the waiting room in a moment.
        is_here = stores.mover is None or bool(left)
        files = tuple(
            stores.files.here(r.stored_path) if r.stored_path and is_here else None
            for r in records
        )
        links = [
            await stores.files.link(r.stored_path)
            if r.stored_path and not left
            else None
            for r in records
        ]
        return replace(made, job=job, records=records, files=files, links=tuple(links))


async def _shown(job: Job, stores: Stores) -> tuple[Record, ...]:
    found = [await stores.records.get(RecordId(each)) for each in job.resizes]
    return tuple(filter(None, found)) or tuple(await stores.records.of_job(job.id))


async def _copies(
    job: Job,
    stores: Stores,
    core: Core,
    lock: OwnerLock,
    on_progress: ShowProgress,
) -> Outcome:
    """Wait for the copies of a job that is over; give them alone."""
    records = await _shown(job, stores)
    follow_ups = [
        each.id for each in resize_jobs(job, records, ()) if job.state is JobState.DONE
    ]
    jobs = [job] if job.resizes else []
    jobs += [
        await _finished(each, stores, core, lock, on_progress) for each in follow_ups
    ]
    found = await stores.copies.of_records([record.id for record in records])
    problems = [each for each in jobs if each.error and each is not job]
    return Outcome(
        job=job,
        records=(),
        files=(),
        copies=tuple(
            CopyMade(copy=copy, file=stores.files.here(copy.stored_path))
            for copy in found
            if jobs and copy.format in job.request.formats
        ),
        problem=" ".join(each.error for each in problems if each.error) or None,
        problem_kind=problems[0].error_kind if problems else None,
    )


async def _finished(
    job_id: JobId,
    stores: Stores,
    core: Core,
    lock: OwnerLock,
    on_progress: ShowProgress,
) -> Job:
    """Wait for the job: another process works it, or else this one does."""
    shown = JobState.QUEUED
    while True:
        is_owner = await asyncio.to_thread(lock.try_acquire)
        job = await stores.queue.find(job_id)
        if job is None:
            raise NotFound("The job is gone: its database was changed meanwhile.")
        if job.state.is_final:
            return job
        if is_owner:
            return await _worked(job, stores, core)
        if job.state is JobState.RUNNING and shown is not job.state:
            on_progress(Progress(stage=Stage.DRAWING, text="Drawing…"))
        shown = job.state
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def _worked(job: Job, stores: Stores, core: Core) -> Job:
    await stores.files.prepare()  # tidies up after the one that died
    async with core.worker.running():
        await core.recovery.take_up_one(job)
        try:
            while not job.state.is_final:
                await asyncio.sleep(0.02)
                job = await stores.queue.find(job.id) or job
            await _follow_ups_over(job, stores)
        except asyncio.CancelledError:
            # A call under way is paid for: its answer is waited for, unless Ctrl-C is
            # pressed again.
            await core.worker.drain(DRAIN)
            raise
        await core.worker.drain(timedelta(seconds=5))
    return job


async def _follow_ups_over(job: Job, stores: Stores) -> None:
    """Wait for the jobs that follow *job*; they are written down before it ends."""
    waiting = resize_jobs(job, await stores.records.of_job(job.id), ())
    while waiting and job.state is JobState.DONE:
        await asyncio.sleep(0.02)
        found = [await stores.queue.find(each.id) for each in waiting]
        waiting = [each for each in found if each and not each.state.is_final]

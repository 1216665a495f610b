"""One person forgotten: their jobs ended, their rows and files taken away, with a receipt.

In small batches, each written down with what it did, so that nobody waits long and a
forgetting that was cut off goes on when it is asked for again. A row goes before its file.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from bot.domain.forgetting import Belongings, Forgotten, Receipt, digest_of
from bot.domain.job import JobState
from bot.domain.people import Person, Platform
from bot.errors import NotFound, WrongInput
from bot.ports.base import Clock
from bot.ports.jobs import JobQueue
from storage.files.stored import StoredFiles

BATCH = 50
LOOK_EVERY = timedelta(seconds=0.2)


class ForgettingStore(Protocol):
    """The rows of one person. Each method is one transaction."""

    @property
    def takes_back(self) -> bool:
        """Say whether the messages that show deleted pictures will be deleted, too."""

    async def persons(self, user_id: str) -> list[Person]:
        """Give everyone of that id of whom there is something."""

    async def belongings(self, person: Person) -> Belongings:
        """Count what there is of the person; of one half forgotten: when that began."""

    async def begin(
        self, person: Person, *, pseudonym: str, found: Belongings
    ) -> Forgotten:
        """Write down that it begins, or give how far it had come."""

    async def progress(self, person: Person) -> Forgotten:
        """Give how far it has come."""

    async def pending(self, person: Person) -> list[str]:
        """Give the files whose records are gone and that may be there still."""

    async def settle(self, person: Person, *, files: int, size_bytes: int) -> None:
        """Note that the pending files are gone."""

    async def delete_some(self, person: Person, *, limit: int) -> int:
        """Delete records; their files are pending then. Give how many."""

    async def anonymise_some(self, person: Person, *, limit: int) -> int:
        """Make records nobody's; give how many."""

    async def delete_some_jobs(self, person: Person, *, limit: int) -> int:
        """Delete jobs that are over, with their steps; give how many."""

    async def anonymise_some_jobs(self, person: Person, *, limit: int) -> int:
        """Make jobs that are over nobody's; give how many."""

    async def delete_batches(self, person: Person) -> None:
        """Delete batches of which no job is left."""

    async def anonymise_batches(self, person: Person) -> None:
        """Make batches that are over nobody's."""

    async def cancel_jobs(self, person: Person) -> int:
        """Mark the person's unfinished jobs as cancelled; count them."""

    async def unfinished(self, person: Person) -> int:
        """Count the person's jobs that are not over."""

    async def forget_once(self, person: Person) -> None:
        """Forget what was done once for the person, and what they have spent."""

    async def end(self, person: Person) -> None:
        """Forget that the person was forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetter:
    """Forgets people. `own` tries to become the one process that works jobs.

    `compact` makes deleted text leave the database, and is told whether it is alone;
    `cut_log` the log alone. Both say whether they could.
    """

    store: ForgettingStore
    queue: JobQueue
    files: StoredFiles
    clock: Clock
    version: str
    own: Callable[[], bool]
    compact: Callable[[bool], Awaitable[bool]]
    cut_log: Callable[[], Awaitable[bool]]
    new_secret: Callable[[], str]
    patience: timedelta  # with a paid call that is under way

    async def find(
        self, user_id: str, *, platform: Platform | None, workspace_id: str | None
    ) -> Person:
        """Give the one person meant. Raises: NotFound, WrongInput (there are several)."""
        found = [
            person
            for person in await self.store.persons(user_id)
            if platform in {None, person.platform}
            and workspace_id in {None, person.workspace_id}
        ]
        if not found:
            raise NotFound(
                f"There is nothing of {user_id} here. ideogram-bot report lists the "
                "users there are pictures of."
            )
        if len(found) > 1:
            lines = "\n".join(
                f"  --platform {person.platform} --workspace {person.workspace_id}"
                for person in found
            )
            raise WrongInput(
                f"{user_id} is in several places. Name the one you mean:\n{lines}"
            )
        return found[0]

    async def forget(self, person: Person, *, is_anonymised: bool) -> Receipt:
        """Take all away, or person and words alone. Raises: StorageError."""
        is_alone = await self._end_jobs(person)
        found = await self.store.belongings(person)
        pseudonym = f"gone-{self.new_secret()[:12]}"
        await self.store.begin(person, pseudonym=pseudonym, found=found)
        await self._take_away(person, is_anonymised=is_anonymised)
        await self.store.forget_once(person)
        unfinished = await self.store.unfinished(person)
        is_rewritten = await self.compact(is_alone)
        done = await self.store.progress(person)
        if not unfinished:
            await self.store.end(person)
            is_rewritten &= await self.cut_log()
        salt = self.new_secret()
        return Receipt(
            digest=digest_of(person, salt),
            salt=salt,
            at=self.clock.now(),
            version=self.version,
            done=done,
            is_anonymised=is_anonymised,
            unfinished=unfinished,
            is_rewritten=is_rewritten,
            is_taken_back=self.store.takes_back and not is_anonymised,
        )

    async def _end_jobs(self, person: Person) -> bool:
        """Cancel what is unfinished and wait for its end; say whether no run is live."""
        await self.store.cancel_jobs(person)
        waits = max(1, int(self.patience / LOOK_EVERY))
        while not await asyncio.to_thread(self.own):
            waits -= 1
            if not waits or not await self.store.unfinished(person):
                return False
            await asyncio.sleep(LOOK_EVERY.total_seconds())
        for job in await self.queue.unfinished():
            if job.person == person:
                await self.queue.save(replace(job, state=JobState.CANCELLED))
                await self.queue.told(job.id)
        return True

    async def _take_away(self, person: Person, *, is_anonymised: bool) -> None:
        await self._delete_pending(person)  # where an earlier run was cut off
        store = self.store
        records = store.anonymise_some if is_anonymised else store.delete_some
        while await records(person, limit=BATCH):
            await self._delete_pending(person)
        jobs = store.anonymise_some_jobs if is_anonymised else store.delete_some_jobs
        while await jobs(person, limit=BATCH):
            pass
        batches = store.anonymise_batches if is_anonymised else store.delete_batches
        await batches(person)

    async def _delete_pending(self, person: Person) -> None:
        if paths := await self.store.pending(person):
            deleted = await self.files.delete_unused(paths)
            await self.store.settle(
                person, files=deleted.files, size_bytes=deleted.size_bytes
            )

"""Three people's pictures in the stores of one database, and who forgets one of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from bot.domain.job import JobState, Lineage, Step
from bot.domain.people import Person, Place, Visibility
from bot.domain.record import PostedMessage, Record
from bot.ports.jobs import JobLog
from storage.files.local import LocalFiles
from storage.forgetting import Forgetter
from storage.keeping import KeptJobs, KeptOnce, KeptRecords
from tests.contracts.databases import NoonClock, Stores
from tests.contracts.values import (
    ANN,
    BOB,
    GENERAL,
    NOON,
    REQUEST,
    make_job,
    make_record,
)

# Of the last, one part is found in the index by bytes that nothing else has.
SECRET = "my secret wombat ωψχ"
PART = "ψχ".encode()
ANN_ELSEWHERE = replace(ANN, workspace_id="T2")
DIRECT = replace(
    GENERAL, channel_id="D0ANN", thread_id="9.9", visibility=Visibility.OWNER
)


@dataclass(kw_only=True)
class Shop:
    """Stores on a folder, with people's pictures in them."""

    folder: Path
    stores: Stores
    files: LocalFiles
    is_owned: bool = True
    patience: timedelta = timedelta(milliseconds=1)

    @property
    def records(self) -> KeptRecords:
        return self.stores.records

    @property
    def queue(self) -> KeptJobs:
        return self.stores.queue

    @property
    def steps(self) -> JobLog:
        return self.stores.steps

    @property
    def once(self) -> KeptOnce:
        return self.stores.once

    @property
    def forgetter(self) -> Forgetter:
        secrets = count(1)
        return Forgetter(
            store=self.stores.forgetting,
            queue=self.queue,
            files=self.files,
            clock=NoonClock(),
            version="0.1.0",
            own=lambda: self.is_owned,
            compact=self.stores.compact,
            cut_log=self.stores.cut_log,
            new_secret=lambda: f"{next(secrets):032x}",
            patience=self.patience,
        )

    async def draw(
        self,
        name: str,
        *,
        person: Person = ANN,
        place: Place = GENERAL,
        prompt: str = SECRET,
        content: bytes | None = None,
        state: JobState = JobState.DONE,
        parent: str | None = None,
    ) -> Record:
        """Take a job through all its steps."""
        place = replace(
            place, platform=person.platform, workspace_id=person.workspace_id
        )
        job = make_job(
            name,
            person=person,
            place=place,
            request=replace(REQUEST, prompt=prompt),
            lineage=Lineage(parent_id=parent or "", typed_prompt=prompt),
            return_address={"response_url": f"https://hooks.test/{prompt}"},
            press_key=f"reproduce:{name}:{person.user_id}",
        )
        await self.queue.submit(job)
        await self.steps.finish(name, Step.DRAW, {"images": [{"prompt": prompt}]})
        async with self.files.receive() as incoming:
            await incoming.write(content or name.encode())
            stored = await incoming.store("image/png", created_at=NOON)
        record = make_record(
            f"{name}-1",
            prompt=prompt,
            expanded_prompt=f"A {prompt}",
            negative_prompt=f"no {prompt}",
            original_url=f"https://ideogram.test/{prompt}",
            tags=(f"tag-{prompt}",),
            job_id=job.id,
            person=person,
            place=place,
            stored_path=stored.path,
            size_bytes=stored.size_bytes,
            sha256=stored.sha256,
            parent_id=parent,
        )
        await self.steps.finish(name, Step.KEEP, {}, records=[record])
        message = PostedMessage(
            channel_id=place.channel_id, message_id=name, record_ids=(record.id,)
        )
        await self.steps.finish(name, Step.POST, {}, posted=[message])
        await self.queue.save(
            replace(job, state=state, error=f"{prompt} failed.", error_kind="BotError")
        )
        await self.once.first(
            f"withheld:{person.platform}:{person.workspace_id}:{person.user_id}:C1:{name}"
        )
        return record


@asynccontextmanager
async def open_shop(folder: Path, database, **options) -> AsyncIterator[Shop]:
    """Open the stores; *database* is one of DATABASES (tests/contracts/databases.py)."""
    async with database(folder, **options) as stores:
        files = LocalFiles(
            folder / "images",
            find_unused=stores.records.find_unused,
            least_free_bytes=0,
        )
        await files.prepare()
        yield Shop(folder=folder, stores=stores, files=files)


async def some_of_everyone(shop):
    """Pictures of three people, one of whom drew Ann's again."""
    mine = [await shop.draw(f"ann{number}") for number in range(3)]
    direct = await shop.draw("anndirect", place=DIRECT)
    bobs = await shop.draw("bob", person=BOB, prompt="a bright day")
    again = await shop.draw("bobagain", person=BOB, prompt="a day", parent="ann0-1")
    other = await shop.draw("elsewhere", person=ANN_ELSEWHERE, prompt="a moor")
    return [*mine, direct], [bobs, again, other]

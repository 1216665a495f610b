"""Sized copies of a kept picture, asked for after it was drawn."""

from dataclasses import dataclass, replace

from bot.chat.commands import Origin, Resize
from bot.chat.replies import Accepted
from bot.commands.submitting import Submitting
from bot.commands.targets import Targets
from bot.domain.job import Job
from bot.domain.people import Place, Visibility
from bot.domain.record import Record
from bot.domain.request import ImageRequest
from bot.errors import NotFound, WrongInput
from bot.ids import job_id
from bot.jobs.following import place_below
from bot.parsing.refusal import refusing
from bot.parsing.sizes import read_formats
from bot.ports.records import Records

NO_FILE = "No file of this picture is kept, so that no copy can be made of it."
WHICH = "Which sizes? For example instagram or 800x600."


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeHandler:
    """Has copies made in a job of its own; nothing is charged."""

    submit: Submitting
    targets: Targets
    records: Records

    async def __call__(self, command: Resize) -> Accepted:
        """Write the job down. Raises: NotFound, WrongInput, StorageError."""
        record = await self.targets.by_id(command.origin, command.target)
        formats = self.read(record, command.formats)
        return await self.make(command.origin, record, formats)

    def read(self, record: Record, typed: str) -> tuple[str, ...]:
        """Give the formats that were typed. Raises: NotFound, WrongInput."""
        with refusing("Nothing was changed."):
            formats = read_formats(typed)
        if not formats:
            raise WrongInput(WHICH)
        if record.stored_path is None:
            raise NotFound(NO_FILE)
        return formats

    async def make(
        self, origin: Origin, record: Record, formats: tuple[str, ...]
    ) -> Accepted:
        """Write the job down and offer it to the worker. Raises: NotAllowed, StorageError."""
        await self.submit.permitting.admit(origin)
        is_private = record.place.visibility is Visibility.OWNER or not record.is_safe
        job = Job(
            id=job_id(origin.person.platform, origin.event_id),
            request=ImageRequest(
                prompt=record.prompt,
                model=record.model,
                seed=record.seed,
                formats=formats,
                is_private=is_private,
            ),
            person=origin.person,
            place=await self._place(origin, record, is_private=is_private),
            created_at=self.submit.clock.now(),
            return_address=origin.return_address,
            resizes=(record.id,),
        )
        submitted = await self.submit.queue.submit(job)
        if submitted.is_new:
            self.submit.worker.offer(submitted.job)
        return self.submit.accepted(submitted.job, is_new=submitted.is_new)

    async def _place(
        self, origin: Origin, record: Record, *, is_private: bool
    ) -> Place:
        """Give the thread of the picture where it was asked for, if it is shown there."""
        place = origin.place
        if is_private:
            place = replace(place, visibility=Visibility.OWNER)
        shown = [
            message
            for message in await self.records.messages_of(record.id)
            if message.channel_id == place.channel_id and not message.shows_copies
        ]
        message = shown[-1] if shown else None
        return place_below(place, message, is_private=is_private)

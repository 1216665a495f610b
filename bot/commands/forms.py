"""The buttons `edit` and `more`: forms filled in from the record, and what they send."""

from dataclasses import dataclass, replace

from bot.chat.commands import Change, Edit, More
from bot.chat.replies import Accepted, EditForm, MoreForm, Notice
from bot.commands.again import as_typed
from bot.commands.resize import ResizeHandler
from bot.commands.targets import Targets
from bot.domain.models import Models
from bot.domain.people import Person, Platform, Visibility
from bot.domain.record import PostedMessage, Record
from bot.errors import NotAllowed, NotFound
from bot.parsing.format import format_flags, format_prompt
from bot.parsing.refusal import refusing
from bot.parsing.values import read_tags
from bot.ports.files import Files
from bot.ports.jobs import JobQueue
from bot.ports.records import Records

_DELETED = (
    "Deleted: the record and the kept file. Where a message still shows the picture, "
    "delete it there."
)
_DELETED_WITH_MESSAGE = (
    "Deleted: the record and the kept file. The message that shows the picture goes "
    "too."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditHandler:
    """Fills in the form that draws a variation."""

    targets: Targets
    queue: JobQueue
    models: Models
    default_model: str

    async def __call__(self, command: Edit) -> EditForm:
        """Give the form. Raises: NotFound."""
        record = await self.targets.by_press(command.origin, command.target)
        request = as_typed(record, self.models)
        if job := await self.queue.find(record.job_id):  # the record has no formats
            request = replace(request, formats=job.request.formats)
        flags = format_flags(
            request, models=self.models, default_model=self.default_model
        )
        prompt = format_prompt(record.prompt)
        return EditForm(record_id=record.id, prompt=prompt, flags=flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreHandler:
    """Fills in the form to pin, tag, delete or have in other sizes."""

    targets: Targets

    async def __call__(self, command: More) -> MoreForm:
        """Give the form. Raises: NotFound."""
        record = await self.targets.by_press(command.origin, command.target)
        return MoreForm(
            record_id=record.id,
            is_pinned=record.is_pinned,
            tags=_typed_tags(record),
            can_delete=_is_own(record, command.origin.person),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeHandler:
    """Does what the form of More says."""

    targets: Targets
    records: Records
    files: Files
    resize: ResizeHandler

    async def __call__(self, command: Change) -> Notice | Accepted:
        """Change or delete the record, then have copies made of it.

        Raises: NotFound, NotAllowed, WrongInput.
        """
        record = await self.targets.by_press(command.origin, command.target)
        if command.is_deleted:
            return await self._delete(record, command.origin.person)
        if not command.formats.strip():
            return await self._save(record, command)
        formats = self.resize.read(record, command.formats)
        saved = await self._save(record, command)
        making = await self.resize.make(command.origin, record, formats)
        return replace(making, text=f"{saved.text} {making.text}")

    async def _save(self, record: Record, command: Change) -> Notice:
        is_untouched = command.tags in {None, _typed_tags(record)}
        with refusing("Nothing was changed."):
            tags = None if is_untouched else read_tags(command.tags or "")
        changed = await self.records.change(
            record.id, is_pinned=command.is_pinned, tags=tags
        )
        if changed is None:
            raise NotFound("The record of this picture is gone.")
        pinned = "pinned: it stays" if changed.is_pinned else "not pinned"
        words = ", ".join(changed.tags) or "none"
        return Notice(text=f"Saved. The picture is {pinned}. Tags: {words}.")

    async def _delete(self, record: Record, person: Person) -> Notice:
        if not _is_own(record, person):
            raise NotAllowed("Only the person who asked for a picture may delete it.")
        messages = await self.records.messages_of(record.id)
        for path in await self.records.delete([record.id], takes_back=True):
            await self.files.delete(path)
        if messages and all(_goes_with(record, message) for message in messages):
            return Notice(text=_DELETED_WITH_MESSAGE)
        return Notice(text=_DELETED)


def _goes_with(record: Record, message: PostedMessage) -> bool:
    """Say whether *message* is taken back now: Discord's private notes are out of reach."""
    is_private_note = (record.place.platform, record.place.visibility) == (
        Platform.DISCORD,
        Visibility.OWNER,
    )
    return message.record_ids == (record.id,) and not is_private_note


def _typed_tags(record: Record) -> str:
    return ", ".join(record.tags)


def _is_own(record: Record, person: Person) -> bool:
    return record.person == person

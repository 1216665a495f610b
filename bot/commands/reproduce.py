"""`same`, `same --ar 9:16`, `reproduce 2`: the very same picture, or all but what is named."""

from dataclasses import dataclass

from bot.chat.commands import MessageRef, Reproduce
from bot.chat.replies import Accepted, Nothing
from bot.commands.again import marked, same
from bot.commands.submitting import Submitting
from bot.commands.targets import Targets
from bot.domain.job import Lineage
from bot.domain.models import Models
from bot.domain.record import Record
from bot.errors import WrongInput
from bot.parsing.callback import take_callback
from bot.parsing.change import apply_changes, split_number


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproduceHandler:
    """Draws a kept picture again."""

    submit: Submitting
    targets: Targets
    models: Models

    async def __call__(self, command: Reproduce) -> Accepted | Nothing:
        """Write the job down; nothing when the message shows no picture of ours.

        Raises: NotFound, WrongInput, StorageError.
        """
        record, text = await self._target(command)
        if record is None:
            return Nothing()
        text, url = take_callback(text)
        request, changes = apply_changes(
            same(record, self.models), text, models=self.models
        )
        lineage = Lineage(
            parent_id=record.id, typed_prompt=record.prompt, changes=changes
        )
        press = f"reproduce:{record.id}" if command.is_press else None
        return await self.submit(
            command.origin,
            marked(request),
            lineage=lineage,
            press=press,
            is_again=True,
            callback_url=url or command.callback_url,
        )

    async def _target(self, command: Reproduce) -> tuple[Record | None, str]:
        origin, target = command.origin, command.target
        if isinstance(target, MessageRef):
            records = await self.targets.by_message(origin, target)
            return _pick(records, command.text) if records else (None, "")
        if command.is_press:
            return await self.targets.by_press(origin, target), command.text
        return await self.targets.by_id(origin, target), command.text


def _pick(records: list[Record], text: str) -> tuple[Record, str]:
    """Give the picture that `2 --ar 9:16` means, the first without a number."""
    number, flags = split_number(text)
    if number is None:
        return records[0], text
    if not 1 <= number <= len(records):
        many = f"1 to {len(records)}" if len(records) > 1 else "only 1"
        raise WrongInput(
            f"This message shows no picture {number}: give {many}, as in same 1. "
            "Nothing was drawn."
        )
    return records[number - 1], flags

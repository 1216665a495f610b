"""The button `new_seed`: the prompt as typed, everything else the same, another seed."""

from dataclasses import dataclass, replace

from bot.chat.commands import NewSeed
from bot.chat.replies import Accepted
from bot.commands.again import as_typed
from bot.commands.submitting import Submitting
from bot.commands.targets import Targets
from bot.domain.job import Lineage
from bot.domain.models import Models


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeedHandler:
    """Draws a kept picture's prompt anew."""

    submit: Submitting
    targets: Targets
    models: Models

    async def __call__(self, command: NewSeed) -> Accepted:
        """Write the job down. Raises: NotFound, StorageError."""
        record = await self.targets.by_press(command.origin, command.target)
        request = replace(as_typed(record, self.models), seed=None)
        lineage = Lineage(
            parent_id=record.id, typed_prompt=record.prompt, changes=("another seed",)
        )
        press = f"new_seed:{record.id}" if command.is_press else None
        return await self.submit(command.origin, request, lineage=lineage, press=press)

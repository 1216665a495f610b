"""What happens in a place without anyone typing a command."""

from dataclasses import dataclass

from bot.chat.commands import PlaceOpened, WithheldReply
from bot.chat.replies import Nothing, Notice
from bot.commands.targets import Targets
from bot.jobs.worker import Worker
from bot.ports.base import Once
from bot.ports.jobs import JobQueue

HINT = (
    "I cannot read a reply that does not ping me. Reply with the ping switched on, mention "
    "me, or use the buttons or the message command Reproduce."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldReplyHandler:
    """Gives one hint for each person and picture, remembered over restarts."""

    targets: Targets
    once: Once

    async def __call__(self, command: WithheldReply) -> Notice | Nothing:
        """Give the hint the first time. Raises: StorageError."""
        origin, ref = command.origin, command.target
        if not await self.targets.by_message(origin, ref):
            return Nothing()
        person = origin.person
        key = f"withheld:{person.platform}:{person.workspace_id}:{person.user_id}"
        is_first = await self.once.first(f"{key}:{ref.channel_id}:{ref.message_id}")
        return Notice(text=HINT) if is_first else Nothing()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOpenedHandler:
    """Posts what waited for the bot to be invited."""

    queue: JobQueue
    worker: Worker

    async def __call__(self, command: PlaceOpened) -> Nothing:
        """Go on with the place's waiting jobs. Raises: StorageError."""
        place = command.origin.place
        self.worker.opened(place)
        for job in await self.queue.wake(place):
            self.worker.wake(job)
        return Nothing()

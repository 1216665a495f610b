"""ChatSender for jobs from a terminal: their pictures are kept, the command prints them."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.terminal.operations import ShowProgress
from bot.chat.progress import Progress
from bot.domain.job import Job
from bot.domain.record import PostedMessage
from bot.ports.chat import Picture, PostNotes


class TerminalSender:
    """Tells *on_progress*, if the one who waits does so in this process."""

    def __init__(self, on_progress: ShowProgress | None = None) -> None:
        self._on_progress = on_progress

    async def show(self, job: Job, progress: Progress) -> None:
        """Hand the progress on; how the job ended the command says itself."""
        del job
        if self._on_progress and not progress.stage.is_final:
            self._on_progress(progress)

    async def post(
        self, job: Job, pictures: Sequence[Picture], notes: PostNotes
    ) -> Sequence[PostedMessage]:
        """Do nothing: there is no channel."""
        del job, pictures, notes
        return ()

    async def take_back(self, message: PostedMessage, notes: Mapping[str, Any]) -> None:
        """Do nothing: there is no message."""
        del message, notes

"""Batches, durable, and where they are shown. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from bot.domain.batch import Batch, BatchState, Result, Tally
from bot.domain.budget import Hold
from bot.domain.job import BatchId, Job, JobId
from bot.domain.people import Person, Place
from bot.ports.chat import PostNotes


class Batches(Protocol):
    """Batches, durable. Scheduling is the runner's."""

    async def submit(self, batch: Batch, jobs: Sequence[Job]) -> bool:
        """Write the batch and its lines down, held; False when it is there already."""

    async def find(self, batch: BatchId) -> Batch | None:
        """Give a batch by its id."""

    async def match(self, beginning: str, person: Person) -> Batch | None:
        """Give the person's one batch whose id begins so; None for none or several."""

    async def unfinished(self) -> list[Batch]:
        """Give those that have begun and of which more is to be told, oldest first."""

    async def start(
        self, batch: BatchId, holds: Mapping[JobId, Sequence[Hold]]
    ) -> Batch | None:
        """Let a held batch run, with *holds* set aside for its lines; None otherwise.

        Raises: BudgetExceeded, and then nothing has begun.
        """

    async def move(
        self, batch: BatchId, to: BatchState, *, only_from: Collection[BatchState]
    ) -> Batch | None:
        """Change how a batch stands; None when it stands otherwise by now."""

    async def cancel(self, batch: BatchId) -> list[Job] | None:
        """End a batch; give its lines that are under way, None when it was over."""

    async def place_lines(self, batch: BatchId, place: Place) -> None:
        """Let what has not begun be posted in *place*."""

    async def write_notes(self, batch: BatchId, notes: Mapping[str, Any]) -> None:
        """Replace the notes of the sender; durable when this returns."""

    async def finish(self, batch: BatchId) -> None:
        """Note that all is told of a batch."""

    async def tally(self, batch: BatchId) -> Tally:
        """Count how its lines stand, and the money."""

    async def waiting(self, batch: BatchId, *, limit: int) -> list[Job]:
        """Give the next lines to be drawn."""

    async def results(
        self, batch: BatchId, *, after_line: int = 0, limit: int = 200
    ) -> list[Result]:
        """Give what became of the lines after that one, in their order."""


class BatchSender(Protocol):
    """Where a platform shows batches."""

    async def begin(self, batch: Batch, text: str, notes: PostNotes) -> Place:
        """Show a batch where it was asked for, for all to see; exactly once.

        Gives the thread that its pictures go to. Raises: as ChatSender.post.
        """

    async def update(self, batch: Batch, text: str) -> None:
        """Show how a batch stands, in the message of `begin`; never raises."""

    async def end(self, batch: Batch, text: str, table: Path, notes: PostNotes) -> None:
        """Post the summary and *table*, a CSV file, into the thread; exactly once.

        Raises: as ChatSender.post.
        """

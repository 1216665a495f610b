"""A platform, outward. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.chat.progress import Progress
from bot.domain.copy import Copy
from bot.domain.job import Job
from bot.domain.record import (
    PostedMessage,
    Record,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A kept picture ready to be posted; an unsafe one has no file.

    With `copy` the file is that sized copy of the record's picture.
    """

    record: Record
    file: Path | None
    content_type: str
    copy: Copy | None = None


class PostNotes(Protocol):
    """What a sender must know after a crash to post exactly once."""

    @property
    def current(self) -> Mapping[str, Any]:
        """Give the notes as last written; empty at the first try."""

    async def write(self, notes: Mapping[str, Any]) -> None:
        """Replace the notes; durable when this returns."""


class ChatSender(Protocol):
    """One platform, outward."""

    async def show(self, job: Job, progress: Progress) -> None:
        """Update the private note of the person who asked; never raises."""

    async def post(
        self, job: Job, pictures: Sequence[Picture], notes: PostNotes
    ) -> Sequence[PostedMessage]:
        """Post the pictures in one message, exactly once over any number of calls.

        *notes* hold what an earlier call, cut off by a crash, had written.
        A message whose id is not to be had is left out.
        Raises: PlatformBusy, PlatformDown (try again), NotInPlace (invite first),
        PlatformRefused (final).
        """

    async def take_back(self, message: PostedMessage, notes: Mapping[str, Any]) -> None:
        """Delete a message of the bot's; one that is gone already is no error.

        *notes* are those that `post` had written for it, empty when they are lost.
        Raises: PlatformBusy, PlatformDown (try again), PlatformRefused (final).
        """

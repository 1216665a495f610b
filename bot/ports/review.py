"""Pictures before moderators: what was decided, and where they are shown. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.domain.audit import AuditEntry
from bot.domain.job import JobId
from bot.domain.record import (
    Record,
)
from bot.domain.review import Review, Verdict
from bot.ports.chat import Picture, PostNotes


class Reviews(Protocol):
    """What moderators decide; their pictures are written down by JobLog.finish (KEEP)."""

    async def find(self, job: JobId) -> Verdict | None:
        """Give what was decided about a job."""

    async def held(self, job: JobId) -> list[Record]:
        """Give the job's records in review, each as if its file were its own."""

    async def decide(
        self, job: JobId, verdict: Verdict, entry: AuditEntry
    ) -> Verdict | None:
        """Write *verdict* down with its *entry* unless there is one; give what holds.

        None when there is nothing to decide. Approved pictures get their files and are
        seen where they were asked for.
        """

    async def files(self, job: JobId) -> list[str]:
        """Give the files of the job's pictures in review, and of their copies."""

    async def erase(self, job: JobId) -> None:
        """Forget the files of the job's pictures; deleting them is the caller's."""

    async def close(self, job: JobId) -> None:
        """Note that the job's pictures never will be approved; their files stay."""


class ReviewSender(Protocol):
    """The moderators' channels of a platform."""

    async def post(
        self, review: Review, pictures: Sequence[Picture], notes: PostNotes
    ) -> None:
        """Show the pictures with Approve and Reject, exactly once over any calls.

        Raises: as ChatSender.post.
        """

    async def settle(self, review: Review, notes: Mapping[str, Any]) -> None:
        """Take the pictures and buttons of `post` away and say what became of them.

        May be repeated; a message that was deleted stays so. Raises: PlatformBusy,
        PlatformDown (try again), PlatformRefused (final).
        """

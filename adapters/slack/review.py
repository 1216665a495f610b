"""Pictures before moderators, in their Slack channel.

They are posted as every picture is, exactly once, with Approve and Reject below. Once it
is decided the message tells by whom, and the pictures are deleted from it: what stays is
what is posted where it was asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.slack.blocks import Block, actions, button, context, section
from adapters.slack.notes import PrivateNotes
from adapters.slack.refusals import GONE, Refused
from adapters.slack.send import SlackSender
from adapters.slack.text import escape, escape_within
from adapters.slack.web import SlackWeb
from bot.chat.actions import REVIEW_LABELS, ReviewAction
from bot.domain.job import Job
from bot.domain.people import Visibility
from bot.domain.review import Review
from bot.errors import NotInPlace
from bot.ports.chat import Picture, PostNotes

_PROMPT = 2000
_STAYS = ("cant_update_message", "edit_window_closed")


class SlackReviews:
    """Implements the port ReviewSender."""

    def __init__(self, *, web: SlackWeb, notes: PrivateNotes) -> None:
        self._web = web
        self._sender = SlackSender(web=web, notes=notes, compose=_blocks)

    async def post(
        self, review: Review, pictures: Sequence[Picture], notes: PostNotes
    ) -> None:
        """Show the pictures, exactly once over any number of calls.

        Raises: PlatformBusy, PlatformDown, NotInPlace, PlatformRefused, StorageError.
        """
        if "ts" in notes.current:
            return
        try:
            posted = await self._sender.post(_among(review.job), pictures, notes)
        except NotInPlace as error:
            raise self._not_in_place(review.job) from error
        for message in posted:
            await notes.write({**notes.current, "ts": message.message_id})

    async def settle(self, review: Review, notes: Mapping[str, Any]) -> None:
        """Say what became of them, and delete the pictures; may be repeated.

        Raises: PlatformBusy, PlatformDown, PlatformRefused.
        """
        # The pictures first: a message that cannot be changed is no reason to keep them.
        for file_id in notes.get("files", ()):
            await self._try("files.delete", file=file_id)
        if ts := notes.get("ts"):
            shown = _settled(review)
            channel = notes["channel"]
            await self._try("chat.update", channel=channel, ts=ts, **shown)

    async def _try(self, method: str, **what: Any) -> None:
        try:
            await self._web.call(method, **what)
        except Refused as refused:
            if refused.code not in (*GONE, *_STAYS):
                raise refused.as_error() from refused

    def _not_in_place(self, job: Job) -> NotInPlace:
        return NotInPlace(
            "The picture is drawn and kept, but I am not in the moderators' channel "
            f"{job.reviewed_in}. Whoever runs the bot types /invite @{self._web.bot_name} "
            "there; nothing is posted before a moderator has approved it."
        )


def _among(job: Job) -> Job:
    """Give the job as one of the moderators' channel."""
    place = replace(
        job.place,
        channel_id=str(job.reviewed_in),
        thread_id=None,
        visibility=Visibility.MEMBERS,
    )
    request = replace(job.request, is_private=False)
    return replace(job, place=place, request=request)


def _blocks(job: Job, pictures: Sequence[Picture], *, is_direct: bool) -> list[Block]:
    del is_direct
    first = pictures[0].record
    lines = [f"<@{escape(job.person.user_id)}> asked for this in {_where(pictures)}"]
    lines += [f"seed {first.seed} · {escape(first.model)} · {first.resolution}"]
    if any(not picture.record.is_safe for picture in pictures):
        lines.append("Ideogram's safety check calls it unsafe.")
    style = {ReviewAction.APPROVE: "primary", ReviewAction.REJECT: "danger"}
    row = [
        button(action, label, job.id) | {"style": style[action]}
        for action, label in REVIEW_LABELS.items()
    ]
    head = section("*A picture waits for a moderator.*")
    prompt = section(escape_within(first.prompt, _PROMPT))
    return [head, prompt, *map(context, lines), actions(row)]


def _where(pictures: Sequence[Picture]) -> str:
    channel = escape(pictures[0].record.place.channel_id)
    return "a direct message" if channel.startswith("D") else f"<#{channel}>"


def _settled(review: Review) -> dict[str, Any]:
    verdict = review.verdict
    text = "Cancelled by the person who asked; it is not posted."
    if verdict is not None:
        what = "Approved" if verdict.is_approved else "Rejected"
        who = escape(verdict.user_id)
        text = f"{what} by <@{who}>, {verdict.at:%Y-%m-%d %H:%M} UTC."
    asked = f"Asked for by <@{escape(review.job.person.user_id)}>:"
    prompt = escape_within(_typed(review.job), _PROMPT)
    return {
        "text": text,
        "blocks": [section(f"*{text}*"), context(f"{asked} {prompt}")],
    }


def _typed(job: Job) -> str:
    return job.lineage.typed_prompt if job.lineage else job.request.prompt

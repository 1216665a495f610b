"""Batches as they come in: the form, lines in it, and files that are fetched.

A file's bytes need the network, so they come after the acknowledgement; a batch whose file
was not fetched before a crash has to be asked for again, and nothing was charged.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.slack import batch_form, render
from adapters.slack.attached import Described, fetch
from adapters.slack.notes import PrivateNotes
from adapters.slack.refusals import Refused
from adapters.slack.web import SlackWeb
from bot.chat.commands import Origin, SubmitBatch
from bot.chat.replies import Nothing, Notice, Refusal, Reply
from bot.errors import BotError, PlatformError
from bot.ports.base import Dispatch

NO_FORM_HERE = Notice(
    text="Write batch and, below it, a prompt a line; or attach a text, CSV or JSON Lines "
    "file to a message that says batch. /imagine batch opens a form for it."
)
_NOT_OPENED = Notice(text="Slack did not open the form. Type /imagine batch once more.")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDesk:
    """Takes batches in."""

    dispatch: Dispatch
    notes: PrivateNotes
    web: SlackWeb

    async def open(self, origin: Origin, trigger_id: str) -> None:
        """Open the form; Slack gives three seconds for it."""
        view = batch_form.batch_view(origin)
        try:
            await self.web.call("views.open", trigger_id=trigger_id, view=view)
        except (PlatformError, Refused) as error:
            log.info("A form could not be opened: %s", error)
            await self._answer(_NOT_OPENED, origin)

    async def take_form(
        self, view: Mapping[str, Any], origin: Origin, ack: AsyncAck
    ) -> Reply:
        """Take lines: what is wrong is said below them; give what is to be told in private."""
        if errors := batch_form.missing(view):
            await ack(response_action="errors", errors=errors)
            return Nothing()
        reply = await self.dispatch.handle(
            SubmitBatch(
                origin=origin,
                content=batch_form.lines_of(view).encode(),
                flags=batch_form.flags_of(view),
            )
        )
        if not isinstance(reply, Refusal):
            await ack()
            return reply
        errors, is_whole = batch_form.errors(view, reply.text)
        await ack(response_action="errors", errors=errors)
        return Nothing() if is_whole else reply

    async def take_file(
        self, files: Sequence[Described], flags: str, origin: Origin
    ) -> None:
        """Fetch the file, check it, and answer in private."""
        try:
            file = await fetch(self.web, files)
        except Refused as refused:
            reply: Reply = Refusal(text=refused.as_error().text)
        except BotError as error:
            reply = Refusal(text=f"{error.text} Nothing was drawn.")
        else:
            reply = await self.dispatch.handle(
                SubmitBatch(
                    origin=origin,
                    content=file.content,
                    file_name=file.name,
                    flags=flags,
                )
            )
        await self._answer(reply, origin)

    async def _answer(self, reply: Reply, origin: Origin) -> None:
        message = render.message(reply)
        if message is not None:
            await self.notes.answer(
                origin.return_address, origin.place, origin.person.user_id, message
            )

"""What happens in Slack, handed to the core: written down first, acknowledged second.

A listener does local work only, so that nothing stands before the acknowledgement; what
needs the network is put into `context["after_ack"]` and run once the answer is out.
"""

import html
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from adapters.slack import batch_form, forms, offers, render
from adapters.slack.batch_desk import NO_FORM_HERE, BatchDesk
from adapters.slack.identity import Identity
from adapters.slack.notes import PrivateNotes
from adapters.slack.origins import Origins
from adapters.slack.parse import (
    mentions,
    read_batch_words,
    read_spoken,
    without_mention,
)
from adapters.slack.presses import read_press
from adapters.slack.refusals import Refused
from adapters.slack.text import as_typed
from adapters.slack.web import SlackWeb
from bot.chat.actions import BatchAction, HeldAction, read_reply
from bot.chat.commands import Command, MessageRef, Origin, PlaceOpened, Reproduce
from bot.chat.replies import (
    Accepted,
    AlreadyDrawn,
    BatchForm,
    EditForm,
    MoreForm,
    Nothing,
    Notice,
    Refusal,
    Reply,
)
from bot.chat.slash import read_slash
from bot.errors import PlatformError
from bot.ports.base import Dispatch

AfterAck = list[Callable[[], Awaitable[None]]]
Body = Mapping[str, Any]

_ANY = re.compile(r".*", re.DOTALL)
_TALK = (None, "thread_broadcast")  # message subtypes that are a person talking
# Buttons of private notes that the answer takes the place of.
_BATCH_BUTTONS = tuple(action.value for action in BatchAction)
_REPLACED = (render.HISTORY_NEXT, render.SEARCH_NEXT, *HeldAction)
_NO_PICTURE = Notice(text="I know no picture of mine in that message.")
_TOO_LONG = Notice(
    text="This prompt is too long for a form of Slack's (3000 characters). Copy it from "
    "/imagine show and type it with your changes."
)

log = logging.getLogger(__name__)


class Listeners:
    """The listeners of one app."""

    def __init__(
        self,
        *,
        dispatch: Dispatch,
        identity: Identity,
        origins: Origins,
        notes: PrivateNotes,
        web: SlackWeb,
    ) -> None:
        self._dispatch = dispatch
        self._me = identity
        self._origins = origins
        self._notes = notes
        self._web = web
        self._batches = BatchDesk(dispatch=dispatch, notes=notes, web=web)

    def attach(self, bolt: AsyncApp) -> None:
        """Let *bolt* hand over everything the manifest subscribes to."""
        bolt.command(_ANY)(self.on_slash)
        bolt.event("app_mention")(self.on_mention)
        bolt.event("message")(self.on_message)
        bolt.event("member_joined_channel")(self.on_joined)
        bolt.action(_ANY)(self.on_press)
        bolt.shortcut(_ANY)(self.on_shortcut)
        bolt.view(_ANY)(self.on_form)

    # --- typed ----------------------------------------------------------------------

    async def on_slash(
        self, body: Body, ack: AsyncAck, context: AsyncBoltContext
    ) -> None:
        """Answer `/imagine`; the acknowledgement carries the first private note."""
        origin = self._origins.of_slash(body)
        asked = read_slash(html.unescape(str(body.get("text") or "")), origin)
        reply = await self._handle(asked)
        command = None if isinstance(asked, Notice) else asked
        message = render.message(reply, command, home=self._me.home)
        await ack({"response_type": "ephemeral", **message} if message else "")
        if isinstance(reply, AlreadyDrawn):
            self._offer_later(reply, origin, context)
        if isinstance(reply, BatchForm):
            _later(context, partial(self._batches.open, origin, body["trigger_id"]))

    async def on_mention(self, body: Body, context: AsyncBoltContext) -> None:
        """Answer what was said to the bot in a channel or thread."""
        origin = self._origins.of_event(body)
        event = body["event"]
        if not _is_talk(event, with_files=True):
            return
        await self._answer_spoken(event, origin, context)

    async def on_message(self, body: Body, context: AsyncBoltContext) -> None:
        """Take replies in threads, and direct messages; learn channels from the rest."""
        origin = self._origins.of_event(body)
        event = body["event"]
        is_direct = event.get("channel_type") == "im"
        if not _is_talk(event, with_files=is_direct):
            return
        if not is_direct and mentions(event.get("text") or "", self._me.bot_user_id):
            return  # the event app_mention stands for the same message
        change = read_reply(as_typed(event.get("text") or ""))
        if change is not None and origin.place.thread_id is not None:
            await self._answer_event(_reproduce(origin, change), context)
        elif is_direct:
            await self._answer_spoken(event, origin, context)

    async def on_joined(self, body: Body) -> None:
        """Post what waits for a place when the bot was invited there."""
        origin = self._origins.of_event(body)
        if body["event"].get("user") == self._me.bot_user_id:
            await self._dispatch.handle(PlaceOpened(origin=origin))

    async def _answer_spoken(
        self, event: Body, origin: Origin, context: AsyncBoltContext
    ) -> None:
        text = as_typed(without_mention(event.get("text") or "", self._me.bot_user_id))
        flags, files = read_batch_words(text), event.get("files")
        if flags is not None and files:
            _later(context, partial(self._batches.take_file, files, flags, origin))
            return
        asked = read_spoken(text, origin)
        reply = await self._answer_event(asked, context, origin=origin)
        if isinstance(asked, Reproduce) and isinstance(reply, Nothing):
            self._answer_later(_NO_PICTURE, origin, context)
        if isinstance(reply, BatchForm):
            self._answer_later(NO_FORM_HERE, origin, context)

    async def _answer_event(
        self,
        asked: Command | Notice,
        context: AsyncBoltContext,
        *,
        origin: Origin | None = None,
    ) -> Reply:
        reply = await self._handle(asked)
        origin = origin if isinstance(asked, Notice) else asked.origin
        if origin is not None and not isinstance(reply, Accepted):
            command = None if isinstance(asked, Notice) else asked
            self._answer_later(reply, origin, context, command)
        return reply  # of a job that was taken on, the picture is the answer

    # --- pressed and chosen -----------------------------------------------------------

    async def on_press(
        self, body: Body, ack: AsyncAck, context: AsyncBoltContext
    ) -> None:
        """Answer a button."""
        action = body["actions"][0]
        origin = self._origins.of_press(body)
        command = read_press(action["action_id"], action.get("value") or "", origin)
        if command is None:
            await ack()
            return
        reply = await self._dispatch.handle(command)
        await ack()
        if isinstance(reply, EditForm | MoreForm):
            _later(context, partial(self._open, reply, origin, body["trigger_id"]))
        else:
            # After a no the other button may still be pressed.
            is_no = isinstance(reply, Refusal)
            replaces = _is_replaced(action["action_id"], body) and not is_no
            self._answer_later(reply, origin, context, command, replaces=replaces)

    async def on_shortcut(
        self, body: Body, ack: AsyncAck, context: AsyncBoltContext
    ) -> None:
        """Answer the message shortcut `reproduce`."""
        await self._take_shortcut(body, context)
        await ack()

    async def _take_shortcut(self, body: Body, context: AsyncBoltContext) -> None:
        if body.get("callback_id") != "reproduce" or "message" not in body:
            return
        origin = self._origins.of_press(body)
        target = MessageRef(
            channel_id=origin.place.channel_id, message_id=str(body["message"]["ts"])
        )
        command = Reproduce(origin=origin, target=target)
        reply = await self._dispatch.handle(command)
        if isinstance(reply, Nothing):
            reply = _NO_PICTURE
        self._answer_later(reply, origin, context, command)

    # --- filled in --------------------------------------------------------------------

    async def on_form(
        self, body: Body, ack: AsyncAck, context: AsyncBoltContext
    ) -> None:
        """Take a form; what is wrong is said below its field, and nothing typed is lost."""
        view = body["view"]
        origin = self._origins.of_form(body)
        if view["callback_id"] == batch_form.BATCH:
            await self._take_batch(view, origin, ack, context)
            return
        if view["callback_id"] == forms.EDIT:
            reply = await self._dispatch.handle(forms.read_edit(view, origin))
        else:
            reply = await self._dispatch.handle(forms.read_more(view, origin))
        if isinstance(reply, Refusal) and view["callback_id"] == forms.EDIT:
            errors = forms.edit_errors(view, reply.text)
            await ack(response_action="errors", errors=errors)
        elif isinstance(reply, Notice | Refusal) or (
            isinstance(reply, Accepted) and view["callback_id"] == forms.MORE
        ):
            notice = forms.notice_view(reply.text)
            await ack(response_action="update", view=notice)
        else:
            await ack()
            if isinstance(reply, AlreadyDrawn):
                self._offer_later(reply, origin, context)

    async def _take_batch(
        self, view: Body, origin: Origin, ack: AsyncAck, context: AsyncBoltContext
    ) -> None:
        files = batch_form.files_of(view)
        if files and not batch_form.missing(view):
            await ack()
            flags = batch_form.flags_of(view)
            _later(context, partial(self._batches.take_file, files, flags, origin))
            return
        reply = await self._batches.take_form(view, origin, ack)
        self._answer_later(reply, origin, context)

    # --- afterwards -------------------------------------------------------------------

    async def _handle(self, asked: Command | Notice) -> Reply:
        return (
            asked if isinstance(asked, Notice) else await self._dispatch.handle(asked)
        )

    def _answer_later(
        self,
        reply: Reply,
        origin: Origin,
        context: AsyncBoltContext,
        command: Command | None = None,
        *,
        replaces: bool = False,
    ) -> None:
        if isinstance(reply, AlreadyDrawn):
            self._offer_later(reply, origin, context)
            return
        message = render.message(reply, command, home=self._me.home)
        if message is not None:
            answer = partial(
                self._notes.answer,
                origin.return_address,
                origin.place,
                origin.person.user_id,
                message,
                replaces=replaces,
            )
            _later(context, answer)

    def _offer_later(
        self, reply: AlreadyDrawn, origin: Origin, context: AsyncBoltContext
    ) -> None:
        home = self._me.home
        messages = offers.offer(reply, home), offers.pictured(reply, home)
        _later(context, partial(self._notes.offer, origin, reply.job_id, *messages))

    async def _open(
        self, form: EditForm | MoreForm, origin: Origin, trigger_id: str
    ) -> None:
        """Open a form; Slack gives three seconds for it."""
        is_edit = isinstance(form, EditForm)
        view = (
            forms.edit_view(form, origin.place)
            if isinstance(form, EditForm)
            else forms.more_view(form, origin.place)
        )
        problem = _TOO_LONG if view is None and is_edit else None
        if view is not None:
            try:
                await self._web.call("views.open", trigger_id=trigger_id, view=view)
            except (PlatformError, Refused) as error:
                log.info("A form could not be opened: %s", error)
                problem = Notice(text="Slack did not open the form. Press once more.")
        if problem is not None:
            address, place = origin.return_address, origin.place
            message = {"text": problem.text}
            await self._notes.answer(address, place, origin.person.user_id, message)


def _is_talk(event: Body, *, with_files: bool) -> bool:
    """Say whether a person said this now: no bot, no edit, no notice of Slack's."""
    if with_files and event.get("subtype") == "file_share":
        event = {**event, "subtype": None}
    return (
        bool(event.get("user"))
        and not event.get("bot_id")
        and "edited" not in event
        and event.get("subtype") in _TALK
    )


def _is_replaced(action_id: str, body: Body) -> bool:
    """Say whether the answer takes the place of what the button stands below."""
    if action_id in _BATCH_BUTTONS:  # they stand below what all can see, too
        return bool((body.get("container") or {}).get("is_ephemeral"))
    return action_id in _REPLACED


def _reproduce(origin: Origin, text: str) -> Reproduce:
    place = origin.place
    target = MessageRef(
        channel_id=place.channel_id, message_id=str(place.thread_id or "")
    )
    return Reproduce(origin=origin, target=target, text=text)


def _later(context: AsyncBoltContext, work: Callable[[], Awaitable[None]]) -> None:
    after_ack: AfterAck = context["after_ack"]
    after_ack.append(work)

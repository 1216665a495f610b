"""Where everything people do arrives: handed to the core, then answered.

The order is the promise: the core writes the job down before anything is sent. Only then
is the interaction answered, within Discord's three seconds.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord

from adapters.discord import forms, parse, trouble
from adapters.discord.attachments import Attachments
from adapters.discord.buttons import view_of
from adapters.discord.intake import Deferrals, Intake
from adapters.discord.parcel import CONTENT_TYPES, DEFAULT_LIMIT, Packing
from adapters.discord.render import Shown, note, render
from bot.chat.actions import Action, BatchAction, HeldAction, ReviewAction
from bot.chat.commands import (
    AskBatch,
    Command,
    DecideBatch,
    DrawAnew,
    Edit,
    Find,
    History,
    More,
    NewSeed,
    Origin,
    PlaceOpened,
    Reproduce,
    Review,
    ShowHere,
    SubmitBatch,
    TryAgain,
)
from bot.chat.replies import (
    Accepted,
    AlreadyDrawn,
    Notice,
    RecordList,
    Refusal,
    Reply,
)
from bot.domain.alert import AlertId
from bot.domain.job import BatchId, JobId
from bot.domain.record import Record, RecordId
from bot.errors import BotError
from bot.opening import opened
from bot.ports.base import Dispatch
from bot.ports.chat import Picture
from bot.ports.files import Files

log = logging.getLogger(__name__)

_NOBODY = discord.AllowedMentions.none()
_ANSWER_WITHIN = 10.0  # seconds; after three Discord takes no first response anyway
_TWICE = "This was asked for a moment ago; it is being drawn."
_CLOSED = Refusal(
    text="The bot is restarting; nothing was drawn. Try again in a minute."
)


class Desk:
    """Takes commands, presses, forms and replies."""

    def __init__(
        self,
        *,
        dispatch: Dispatch,
        deferrals: Deferrals,
        intake: Intake,
        attachments: Attachments,
        files: Files | None = None,
    ) -> None:
        self._attachments = attachments
        self._files = files
        self._packing = Packing()
        self._dispatch = dispatch
        self._deferrals = deferrals
        self._intake = intake

    def origin(self, interaction: discord.Interaction[Any]) -> Origin:
        """Say who asked and where."""
        # What the interaction itself tells of its server is no more than an id.
        guild = interaction.client.get_guild(interaction.guild_id or 0)
        return parse.origin_of(interaction, guild)

    async def answer(
        self,
        interaction: discord.Interaction[Any],
        command: Command,
        *,
        words: str | None = None,
    ) -> None:
        """Hand *command* to the core and answer; *words* were typed and are shown again.

        Once the intake is closed, say so and do nothing.
        """
        if not self._intake.is_open:
            async with _answering():
                await self._respond(interaction, _CLOSED, words)
            return
        with self._intake.one(), self._deferrals.pending(interaction.token):
            reply = await self._dispatch.handle(command)
            async with _answering():
                await self._respond(interaction, reply, words)
                if isinstance(reply, AlreadyDrawn):
                    await self._add_picture(interaction, reply.record)

    async def batch(
        self,
        interaction: discord.Interaction[Any],
        file: discord.Attachment | None,
        flags: str,
    ) -> None:
        """Hand a file of lines to the core; without one open the form to write them in."""
        if file is None or not self._intake.is_open:
            command = AskBatch(origin=self.origin(interaction))
            await self.answer(interaction, command, words=flags)
            return
        with self._intake.one():
            async with _answering():
                # Fetching may take longer than a first response.
                await interaction.response.defer(ephemeral=True, thinking=True)
            if not interaction.response.is_done():
                return
            reply = await self._check_file(interaction, file, flags)
            async with _answering():
                if shown := render(reply):
                    await self._fill(interaction, shown)

    async def suggest(self, origin: Origin) -> tuple[str, ...]:
        """Give the tags of the person's latest pictures, newest first."""
        reply = await self._dispatch.handle(History(origin=origin))
        if not isinstance(reply, RecordList):
            return ()
        return tuple(dict.fromkeys(tag for r in reply.records for tag in r.tags))

    # --- what the client hears ---------------------------------------------------

    async def pressed(
        self, interaction: discord.Interaction[Any], action: Action, record: RecordId
    ) -> None:
        """Answer the press of a button below a picture."""
        origin = self.origin(interaction)
        commands: dict[Action, Command] = {
            Action.REPRODUCE: Reproduce(origin=origin, target=record, is_press=True),
            Action.NEW_SEED: NewSeed(origin=origin, target=record),
            Action.EDIT: Edit(origin=origin, target=record),
            Action.MORE: More(origin=origin, target=record),
        }
        await self.answer(interaction, commands[action])

    async def decided(
        self, interaction: discord.Interaction[Any], action: HeldAction, job: JobId
    ) -> None:
        """Answer the press of a button below the offer of an earlier picture."""
        origin = self.origin(interaction)
        commands: dict[HeldAction, Command] = {
            HeldAction.SHOW_HERE: ShowHere(origin=origin, target=job),
            HeldAction.DRAW_ANEW: DrawAnew(origin=origin, target=job),
        }
        await self.answer(interaction, commands[action])

    async def judged(
        self, interaction: discord.Interaction[Any], action: ReviewAction, job: JobId
    ) -> None:
        """Answer the press of a moderator's button."""
        command = Review(
            origin=self.origin(interaction),
            target=job,
            is_approved=action is ReviewAction.APPROVE,
        )
        await self.answer(interaction, command)

    async def tried_again(
        self, interaction: discord.Interaction[Any], alert: AlertId
    ) -> None:
        """Answer the press of the button below an alert."""
        origin = self.origin(interaction)
        await self.answer(interaction, TryAgain(origin=origin, target=alert))

    async def managed(
        self, interaction: discord.Interaction[Any], action: BatchAction, batch: BatchId
    ) -> None:
        """Answer the press of a button of a batch."""
        origin = self.origin(interaction)
        command = DecideBatch(origin=origin, batch_id=batch, action=action)
        await self.answer(interaction, command)

    async def turned(
        self,
        interaction: discord.Interaction[Any],
        words: str | None,
        cursor: RecordId,
    ) -> None:
        """Answer the press for a list's next page."""
        origin = self.origin(interaction)
        command: Command = History(origin=origin, cursor=cursor)
        if words is not None:
            command = Find(origin=origin, text=words, cursor=cursor)
        await self.answer(interaction, command, words=words)

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a form."""
        data: Any = interaction.data or {}
        command = forms.read_form(
            data["custom_id"], data["components"], self.origin(interaction)
        )
        if command is not None:
            await self.answer(interaction, command)

    async def heard(self, message: discord.Message, bot_id: int) -> None:
        """Take a reply to a picture; everything else is not for the bot."""
        command = parse.read_message(message, bot_id)
        if command is None or not self._intake.is_open:
            return
        with self._intake.one():
            reply = await self._dispatch.handle(command)
            async with _answering():
                await self._answer_in_channel(message, reply)

    async def opened(self, guild: discord.Guild, channel_id: int, event: str) -> None:
        """Tell the core that the bot may write in a channel now."""
        if not self._intake.is_open:
            return
        origin = parse.origin_of_channel(guild, channel_id, event, guild.me.id)
        with self._intake.one():
            await self._dispatch.handle(PlaceOpened(origin=origin))

    # --- answers -----------------------------------------------------------------

    async def _respond(
        self, interaction: discord.Interaction[Any], reply: Reply, words: str | None
    ) -> None:
        response = interaction.response
        is_button = interaction.type is discord.InteractionType.component
        is_decision = _is_decision(interaction)
        if isinstance(reply, Accepted) and is_decision and not reply.is_new:
            await response.defer()  # the note shows what the first press has done
        elif isinstance(reply, Accepted) and is_button and not reply.is_new:
            # A second press: its note would never be edited.
            await self._send(interaction, Shown(content=_TWICE))
        elif isinstance(reply, Accepted) and is_decision:
            await response.edit_message(
                content=note(reply.text), attachments=[], view=None
            )
        elif isinstance(reply, Notice) and _is_batch_decision(interaction):
            await response.edit_message(content=note(reply.text), embed=None, view=None)
        elif isinstance(reply, Accepted):
            await response.defer(ephemeral=True, thinking=True)
            await interaction.edit_original_response(
                content=note(reply.text), allowed_mentions=_NOBODY
            )
        elif form := forms.form_of(reply, words):
            await response.send_modal(form)
        elif shown := render(reply, words=words):
            await self._send(interaction, shown)
        elif is_button:
            await response.defer()  # closes the press without a word

    async def _send(self, interaction: discord.Interaction[Any], shown: Shown) -> None:
        missing = discord.utils.MISSING
        await interaction.response.send_message(
            shown.content or None,
            embed=shown.embed or missing,
            view=view_of(shown.spots) if shown.spots else missing,
            ephemeral=True,
            allowed_mentions=_NOBODY,
        )

    async def _check_file(
        self,
        interaction: discord.Interaction[Any],
        file: discord.Attachment,
        flags: str,
    ) -> Reply:
        try:
            content = await self._attachments.read(file)
        except BotError as error:
            return Refusal(text=error.text)
        return await self._dispatch.handle(
            SubmitBatch(
                origin=self.origin(interaction),
                content=content,
                file_name=file.filename,
                flags=flags,
            )
        )

    async def _fill(self, interaction: discord.Interaction[Any], shown: Shown) -> None:
        """Put an answer into the private note that waits for it."""
        await interaction.edit_original_response(
            content=shown.content or None,
            embed=shown.embed,
            view=view_of(shown.spots) if shown.spots else None,
            allowed_mentions=_NOBODY,
        )

    async def _add_picture(
        self, interaction: discord.Interaction[Any], record: Record
    ) -> None:
        """Put the picture into the private note; without it the note still holds."""
        if self._files is None or record.stored_path is None:
            return
        limit = min(interaction.filesize_limit, DEFAULT_LIMIT)
        try:
            async with self._files.on_disk(record.stored_path) as path:
                kind = CONTENT_TYPES[path.suffix]
                picture = Picture(record=record, file=path, content_type=kind)
                upload = await self._packing.upload(picture, path, limit)
                async with opened(upload.open) as file:
                    await interaction.edit_original_response(attachments=[file])
        except BotError as error:
            log.info("An earlier picture could not be shown: %s", error.text)

    async def _answer_in_channel(self, message: discord.Message, reply: Reply) -> None:
        if isinstance(reply, Accepted):
            await message.channel.typing()
        elif isinstance(reply, Notice | Refusal):
            await message.reply(
                note(reply.text),
                mention_author=False,
                allowed_mentions=_NOBODY,
                nonce=message.id,
            )


def _is_decision(interaction: discord.Interaction[Any]) -> bool:
    """Say whether a button of a private offer was pressed, which has done its work."""
    return _action(interaction) in tuple(HeldAction)


def _is_batch_decision(interaction: discord.Interaction[Any]) -> bool:
    """Say the same of the offer of a batch; a begun one has such buttons for all to see."""
    is_private = interaction.message and interaction.message.flags.ephemeral
    return bool(is_private) and _action(interaction) in tuple(BatchAction)


def _action(interaction: discord.Interaction[Any]) -> str:
    data: Any = interaction.data or {}
    return str(data.get("custom_id", "")).partition(":")[0]


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """Bound an answer; a failed one costs nothing: the job, if any, is written down."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN):
            yield
    except trouble.ANY as error:
        reason = trouble.code(error) or type(error).__name__
        log.info("An interaction could not be answered (%s)", reason)

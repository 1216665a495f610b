"""Discord, outward: the notes and the pictures of jobs."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import discord

from adapters.discord import trouble
from adapters.discord.address import ReturnAddress
from adapters.discord.delivery import FOLLOWING, SEND_WITHIN, SENDING, Delivery
from adapters.discord.intake import Deferrals
from adapters.discord.line import Line
from adapters.discord.parcel import DEFAULT_LIMIT, Packing, Parcel
from adapters.discord.progress import ProgressNotes
from bot.chat.progress import Progress
from bot.domain.job import Job
from bot.domain.record import PostedMessage
from bot.errors import NotInPlace, PlatformRefused
from bot.ports.base import Clock
from bot.ports.chat import Picture, PostNotes

# Jobs go on at once after a restart, before the login is through.
_LOGIN_WITHIN = timedelta(seconds=20)


class DiscordSender:
    """Shows and posts through the client that a DiscordApp connects to its `line`."""

    def __init__(self, *, clock: Clock, patience: timedelta = _LOGIN_WITHIN) -> None:
        self.line = Line()
        self.deferrals = Deferrals()
        self._notes = ProgressNotes(
            line=self.line, clock=clock, deferrals=self.deferrals, patience=patience
        )
        self._clock = clock
        self._patience = patience
        self._pack = Packing()

    async def show(self, job: Job, progress: Progress) -> None:
        """Update the private note; never raises."""
        await self._notes.show(job, progress)

    async def post(
        self, job: Job, pictures: Sequence[Picture], notes: PostNotes
    ) -> Sequence[PostedMessage]:
        """Post the pictures in one message, exactly once over any number of calls.

        Raises: PlatformBusy, PlatformDown, NotInPlace, PlatformRefused.
        """
        if all(picture.file is None for picture in pictures):
            return []  # the private note tells why
        await self.line.ready(self._patience)
        address = ReturnAddress.read(job.return_address)
        await self.deferrals.settled(address.token)
        limit = self._limit(job, address)
        with trouble.translated():
            try:
                return [await self._post(job, pictures, notes, limit)]
            except discord.HTTPException as error:
                if not trouble.is_too_large(error):
                    raise
                # The place takes less than it said.
                return [await self._post(job, pictures, notes, limit // 2)]

    async def take_back(self, message: PostedMessage, notes: Mapping[str, Any]) -> None:
        """Delete the message, which may be gone already.

        A private note is out of reach once its token has expired: it counts as gone.
        Raises: PlatformBusy, PlatformDown, PlatformRefused.
        """
        del notes
        await self.line.ready(self._patience)
        channel = self.line.client.get_partial_messageable(int(message.channel_id))
        with trouble.translated():
            try:
                async with asyncio.timeout(SEND_WITHIN):
                    await channel.get_partial_message(int(message.message_id)).delete()
            except discord.HTTPException as error:
                if trouble.code(error) not in trouble.GONE:
                    raise

    async def _post(
        self, job: Job, pictures: Sequence[Picture], notes: PostNotes, limit: int
    ) -> PostedMessage:
        parcel = await self._pack(job, pictures, limit=limit)
        delivery = Delivery(
            job=job,
            parcel=parcel,
            notes=notes,
            address=ReturnAddress.read(job.return_address),
            line=self.line,
            clock=self._clock,
        )
        if job.request.is_private:
            return await self._privately(delivery)
        channel_id = int(job.place.channel_id)
        message_id = None
        if notes.current.get("state") != FOLLOWING:
            message_id = await delivery.in_channel(channel_id)
        if message_id is None:
            message_id = await delivery.as_follow_up()
        return _posted(channel_id, message_id, parcel)

    async def _privately(self, delivery: Delivery) -> PostedMessage:
        """Fill the private note; once its token has expired, write a direct message.

        Whether a note was filled just before a crash of more than 15 minutes is not to be
        found out; the person then has the picture twice rather than never.
        """
        parcel, job = delivery.parcel, delivery.job
        if delivery.notes.current.get("state") != SENDING and (
            message_id := await self._as_note(delivery)
        ):
            return _posted(int(job.place.channel_id), message_id, parcel)
        person = discord.Object(int(job.person.user_id))
        async with asyncio.timeout(SEND_WITHIN):
            channel = await self.line.client.create_dm(person)
        message_id = await delivery.in_channel(channel.id)
        if message_id is None:
            raise PlatformRefused(trouble.NO_DIRECT_MESSAGE)
        return _posted(channel.id, message_id, parcel)

    async def _as_note(self, delivery: Delivery) -> int | None:
        """Answer the person alone; None when it is too late for that."""
        if not delivery.job.resizes:
            return await delivery.as_note()
        try:
            # A message of its own: the note may show the picture.
            return await delivery.as_follow_up()
        except NotInPlace:
            return None

    def _limit(self, job: Job, address: ReturnAddress) -> int:
        """Give how many bytes a file may have where the job belongs."""
        workspace = job.place.workspace_id
        guild_id = int(workspace) if workspace.isdecimal() else 0
        guild = self.line.client.get_guild(guild_id)
        known = [address.size_limit, guild.filesize_limit if guild else None]
        return min([limit for limit in known if limit] or [DEFAULT_LIMIT])


def _posted(channel_id: int, message_id: int, parcel: Parcel) -> PostedMessage:
    return PostedMessage(
        channel_id=str(channel_id),
        message_id=str(message_id),
        record_ids=parcel.record_ids,
    )

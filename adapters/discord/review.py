"""Pictures before moderators, in their Discord channel.

They are posted as every picture is, exactly once, with Approve and Reject below. Once it
is decided the message tells by whom, and the pictures are taken out of it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord

from adapters.discord import trouble
from adapters.discord.address import ReturnAddress
from adapters.discord.buttons import review_spots
from adapters.discord.delivery import SEND_WITHIN, Delivery
from adapters.discord.line import Line
from adapters.discord.parcel import DEFAULT_LIMIT, Packing
from adapters.discord.words import plain
from bot.domain.job import Job, JobId
from bot.domain.record import Record, RecordId
from bot.domain.review import Review
from bot.errors import NotInPlace
from bot.ports.base import Clock
from bot.ports.chat import Picture, PostNotes

_PATIENCE = timedelta(seconds=20)
_PROMPT = 2000
_NOBODY = discord.AllowedMentions.none()
_COLOUR = discord.Colour(0xFDCB6E)


class DiscordReviews:
    """Implements the port ReviewSender."""

    def __init__(self, *, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._pack = Packing()

    async def post(
        self, review: Review, pictures: Sequence[Picture], notes: PostNotes
    ) -> None:
        """Show the pictures, exactly once over any number of calls.

        Raises: PlatformBusy, PlatformDown, NotInPlace, PlatformRefused.
        """
        if "message_id" in notes.current:
            return
        await self._line.ready(_PATIENCE)
        job = review.job
        parcel = await self._pack(job, pictures, limit=DEFAULT_LIMIT)
        parcel = replace(
            parcel,
            embed=_waiting(job, [picture.record for picture in pictures]),
            spots=review_spots(job.id),
            record_ids=(RecordId(job.id),),  # by which its own message is found again
        )
        delivery = Delivery(
            job=replace(job, id=JobId(f"{job.id}-review")),  # a nonce of its own
            parcel=parcel,
            notes=notes,
            address=ReturnAddress.read({}),
            line=self._line,
            clock=self._clock,
        )
        with trouble.translated():
            message_id = await delivery.in_channel(int(job.reviewed_in or 0))
        if message_id is None:
            raise _not_in_place(job)
        await notes.write({**notes.current, "message_id": str(message_id)})

    async def settle(self, review: Review, notes: Mapping[str, Any]) -> None:
        """Say what became of them, and take the pictures out; may be repeated.

        Raises: PlatformBusy, PlatformDown, PlatformRefused.
        """
        if "message_id" not in notes:
            return
        await self._line.ready(_PATIENCE)
        channel_id = int(review.job.reviewed_in or 0)
        channel = self._line.client.get_partial_messageable(channel_id)
        message = channel.get_partial_message(int(notes["message_id"]))
        with trouble.translated():
            try:
                async with asyncio.timeout(SEND_WITHIN):
                    await message.edit(
                        embed=_settled(review),
                        attachments=[],
                        view=None,
                        allowed_mentions=_NOBODY,
                    )
            except discord.HTTPException as error:
                if trouble.code(error) not in trouble.GONE:
                    raise


def _not_in_place(job: Job) -> NotInPlace:
    return NotInPlace(
        "The picture is drawn and kept, but I may not post in the moderators' channel "
        f"{job.reviewed_in}. Whoever runs the bot gives me View Channel, Send Messages, "
        "Attach Files, Embed Links and Read Message History there; nothing is posted "
        "before a moderator has approved it."
    )


def _waiting(job: Job, records: Sequence[Record]) -> discord.Embed:
    first = records[0]
    who, where = job.person.user_id, first.place.channel_id
    lines = [plain(first.prompt, _PROMPT), "", f"Asked for by <@{who}> in <#{where}>."]
    if any(not record.is_safe for record in records):
        lines.append("Ideogram's safety check calls it unsafe.")
    embed = discord.Embed(
        title="A picture waits for a moderator",
        description="\n".join(lines),
        colour=_COLOUR,
    )
    facts = f"seed {first.seed} · {first.model} · {first.resolution}"
    return embed.set_footer(text=facts)


def _settled(review: Review) -> discord.Embed:
    job, verdict = review.job, review.verdict
    text = "Cancelled by the person who asked; it is not posted."
    if verdict is not None:
        what = "Approved" if verdict.is_approved else "Rejected"
        text = f"{what} by <@{verdict.user_id}>, {verdict.at:%Y-%m-%d %H:%M} UTC."
    typed = job.lineage.typed_prompt if job.lineage else job.request.prompt
    asked = f"Asked for by <@{job.person.user_id}>: {plain(typed, _PROMPT)}"
    return discord.Embed(description=f"**{text}**\n{asked}", colour=_COLOUR)

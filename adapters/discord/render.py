"""A reply as Discord shows it, to the person who asked alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

import discord

from adapters.discord import forms
from adapters.discord.buttons import (
    Spot,
    batch_spots,
    held_spots,
    next_page,
    picture_spots,
)
from adapters.discord.words import cut, plain, sentence
from bot.chat.replies import (
    Accepted,
    AlreadyDrawn,
    BatchForm,
    BatchOffer,
    EditForm,
    MoreForm,
    Nothing,
    Notice,
    RecordDetail,
    RecordList,
    Refusal,
    Reply,
)
from bot.domain.batch import BatchState
from bot.domain.record import Record

LONGEST_CONTENT = 2000
_LONGEST_EMBED = 4000
_COLOUR = discord.Colour(0x6C5CE7)
TOO_LONG_TO_EDIT = (
    f"This prompt has more than {forms.LONGEST} characters, which is more than Discord's "
    "forms take. Write the new one with /imagine."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A private message: text, at most one embed, buttons."""

    content: str = ""
    embed: discord.Embed | None = None
    spots: tuple[Spot, ...] = ()


def render(  # noqa: PLR0911 - one return a kind of reply reads best
    reply: Reply, *, words: str | None = None
) -> Shown | None:
    """Give the message for *reply*, None for silence; *words* were searched for."""
    match reply:
        case Accepted() | Notice() | Refusal():
            return _text(reply.text)
        case BatchOffer():
            spots = batch_spots(reply.batch_id, BatchState.HELD)
            return replace(_text(reply.text), spots=spots)
        case AlreadyDrawn():
            return _offer(reply)
        case RecordList():
            return _list(reply, words)
        case RecordDetail():
            return _detail(reply)
        case EditForm() | MoreForm():
            return Shown(content=TOO_LONG_TO_EDIT)  # all others are opened as forms
        case BatchForm() | Nothing():
            return None
        case _:
            assert_never(reply)


def note(text: str) -> str:
    """Give a private note's text."""
    return plain(sentence(text), LONGEST_CONTENT)


def _text(text: str) -> Shown:
    if len(text) <= LONGEST_CONTENT * 3 // 4:
        return Shown(content=note(text))
    whole = plain(sentence(text), _LONGEST_EMBED)
    return Shown(embed=discord.Embed(description=whole, colour=_COLOUR))


def _offer(reply: AlreadyDrawn) -> Shown:
    lines = [note(reply.text), f"> {plain(reply.record.prompt, 90)}"]
    if reply.message is not None:
        guild = reply.record.place.workspace_id
        where = f"{guild if guild.isdecimal() else '@me'}/{reply.message.channel_id}"
        link = f"https://discord.com/channels/{where}/{reply.message.message_id}"
        lines.append(f"-# [The message that shows it](<{link}>)")
    return Shown(content="\n".join(lines), spots=held_spots(reply.job_id))


def _list(reply: RecordList, words: str | None) -> Shown:
    if not reply.records:
        return Shown(content=note(reply.title))
    embed = discord.Embed(
        title=cut(reply.title, 256),
        description=_joined([_line(record) for record in reply.records]),
        colour=_COLOUR,
    )
    return Shown(embed=embed, spots=next_page(words, reply.cursor))


def _line(record: Record) -> str:
    pin = "📌 " if record.is_pinned else ""
    day = f"<t:{int(record.created_at.timestamp())}:d>"
    facts = f"`{record.id}` · {record.model} · seed {record.seed} · {day}"
    return f"{pin}{plain(record.prompt, 90)}\n-# {facts}"


def _joined(lines: Sequence[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if len("\n".join([*kept, line])) > _LONGEST_EMBED:
            break
        kept.append(line)
    return "\n".join(kept)


def _detail(reply: RecordDetail) -> Shown:
    lines = [
        f"**{plain(name, 60)}** {plain(value, 1500)}" for name, value in reply.lines
    ]
    embed = discord.Embed(
        title=cut(str(reply.record.id), 256), description=_joined(lines), colour=_COLOUR
    )
    return Shown(embed=embed, spots=picture_spots([reply.record.id]))

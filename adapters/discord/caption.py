"""What stands with the pictures of a job: an embed, and a text for who cannot see. Pure."""

from collections.abc import Sequence

import discord

from adapters.discord.words import cut, plain
from bot.chat import copies
from bot.domain.job import Job
from bot.domain.record import Record
from bot.domain.request import style_word
from bot.ports.chat import Picture

_COLOUR = discord.Colour(0x6C5CE7)
_LONGEST_PROMPT = 1200
_AGAIN = "shown again"
_LONGEST_ALT = 1024  # resources/message.mdx: an attachment's description


def caption(
    job: Job, shown: Sequence[Record], *, withheld: int = 0, smaller: int = 0
) -> discord.Embed:
    """Describe the pictures *shown*; *withheld* are unsafe, *smaller* were re-encoded."""
    first = shown[0]
    lines = [f"**{plain(first.prompt, _LONGEST_PROMPT)}**"]
    if job.lineage:
        lines.append(_lineage(job.lineage.changes))
    total = len(shown) + withheld
    if withheld:
        were = "was" if withheld == 1 else "were"
        lines.append(f"{withheld} of {total} {were} withheld by Ideogram.")
    if smaller:
        which = "" if len(shown) == smaller == 1 else f" ({smaller} of {len(shown)})"
        lines.append(f"Shown smaller than it is kept, to fit in here{which}.")
    lines.append(f"-# for <@{job.person.user_id}>")
    embed = discord.Embed(description="\n".join(lines), colour=_COLOUR)
    facts = [_facts(shown), again_mark(job)] if job.shows else [_facts(shown)]
    return embed.set_footer(text=" · ".join(facts))


def again_mark(job: Job) -> str:
    """Give what tells this message from others that show the same picture."""
    return f"{_AGAIN} {job.id}"


def is_of(footer: str, job: Job) -> bool:
    """Say whether a message with that footer can be the job's own."""
    if job.resizes:
        return _copies_mark(job) in footer
    return again_mark(job) in footer if job.shows else _AGAIN not in footer


def caption_of_copies(
    job: Job, pictures: Sequence[Picture], *, smaller: int
) -> discord.Embed:
    """Describe sized copies; *smaller* were re-encoded."""
    lines = [copies.describe(picture.copy) for picture in pictures if picture.copy]
    if smaller:
        lines.append(
            f"{smaller} of {len(pictures)} shown smaller than kept, to fit in here."
        )
    lines.append(f"-# for <@{job.person.user_id}>")
    embed = discord.Embed(description="\n".join(lines), colour=_COLOUR)
    ids = dict.fromkeys(picture.record.id for picture in pictures)
    return embed.set_footer(text=f"of {', '.join(ids)} · {_copies_mark(job)}")


def _copies_mark(job: Job) -> str:
    return f"sized copies {job.id}"


def alt_text(record: Record) -> str:
    """Give the description of a picture for people who cannot see it."""
    return cut(f"Picture drawn from the prompt: {record.final_prompt}", _LONGEST_ALT)


def _lineage(changes: Sequence[str]) -> str:
    if not changes:
        return "The same picture again."
    return f"Changed: {plain('; '.join(changes), 800)}."


def _facts(shown: Sequence[Record]) -> str:
    first = shown[0]
    seeds = dict.fromkeys(str(record.seed) for record in shown)
    facts = [
        f"seed {', '.join(seeds)}",
        first.model,
        first.resolution.replace("x", "×"),
    ]
    if first.style_type not in {"AUTO", "GENERAL", ""}:
        facts.append(style_word(first.style_type))
    ids = first.id if len(shown) == 1 else f"{first.id} … {shown[-1].id}"
    return " · ".join([*facts, ids])

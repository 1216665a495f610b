"""Entries as the JSON that the page's script reads. Pure.

Texts go out as they are: the script makes text nodes of them, never markup.
"""

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any, assert_never
from urllib.parse import quote

from adapters.web.entries import (
    Ask,
    BatchOfferNote,
    BatchPost,
    DetailNote,
    Entry,
    JobNote,
    ListNote,
    Note,
    NoteContent,
    OfferNote,
    PlainNote,
    Post,
)
from adapters.web.people import display_name
from bot.chat.actions import BatchButton, batch_buttons, buttons, held_buttons
from bot.chat.catalogue import Catalogue, Option
from bot.chat.copies import describe
from bot.domain.batch import BatchState
from bot.domain.copy import Copy
from bot.domain.record import Record
from bot.domain.request import ImageRequest, MagicPrompt, style_word

Json = Mapping[str, Any]

_MAX_ALT = 300  # characters; a screen reader reads all of it at one go
_MAX_FILE_WORDS = 6


def entry_json(number: int, entry: Entry) -> Json:
    """Give *entry*; a later change of it has a higher `rev`."""
    common = {"id": entry.id, "rev": number, "at": entry.at.isoformat()}
    match entry:
        case Ask():
            return {
                **common,
                "kind": "ask",
                "by": _person(entry.user_id),
                "text": entry.text,
                "reply_to": entry.reply_to,
            }
        case Note():
            return {**common, "kind": "note", "note": _note(entry.content)}
        case Post():
            return {
                **common,
                "kind": "post",
                "by": _person(entry.user_id),
                "is_private": entry.audience is not None,
                "changes": list(entry.changes),
                "pictures": [
                    _copy_json(record, copy) if copy else picture_json(record)
                    for record, copy in zip_longest(entry.records, entry.copies)
                ],
            }
        case BatchPost():
            return {**common, "kind": "batch", **_batch(entry)}
        case _:
            assert_never(entry)


def _person(user_id: str) -> Json:
    return {"id": user_id, "name": display_name(user_id)}


def _batch(entry: BatchPost) -> Json:
    batch = entry.batch
    head, _, rest = entry.text.partition("\n")
    percent = re.search(r"(\d+) %", rest)
    told = [line for line in rest.split("\n") if line and not line.endswith(" %")]
    return {
        "by": _person(batch.person.user_id),
        "batch": batch.id,
        "state": batch.state.value,
        "title": head,
        "percent": int(percent[1]) if percent else 0,
        "lines": [entry.summary] if entry.summary else told,
        "table": f"/batches/{batch.id}/results.csv" if entry.table else None,
        "buttons": [_batch_button(b) for b in batch_buttons(batch.id, batch.state)],
    }


def _batch_button(button: BatchButton) -> Json:
    return {"action": button.action.value, "label": button.label}


def _note(content: NoteContent) -> Json:
    match content:
        case JobNote():
            return {
                "kind": "job",
                "job": content.job_id,
                "stage": content.stage.value,
                "is_final": content.stage.is_final,
                "text": content.text,
                "ratio": content.ratio,
                "count": content.count,
            }
        case OfferNote():
            offer = content.offer
            return {
                "kind": "offer",
                "text": offer.text,
                "job": offer.job_id,
                "picture": picture_json(offer.record),
                "buttons": [
                    {"action": button.action.value, "label": button.label}
                    for button in held_buttons(offer.job_id)
                ],
            }
        case BatchOfferNote():
            batch = content.offer.batch_id
            return {
                "kind": "batch_offer",
                "text": content.offer.text,
                "batch": batch,
                "buttons": [
                    _batch_button(b) for b in batch_buttons(batch, BatchState.HELD)
                ],
            }
        case PlainNote():
            return {"kind": "text", "tone": content.tone.value, "text": content.text}
        case ListNote():
            page = content.page
            return {
                "kind": "list",
                "title": page.title,
                "pictures": [picture_json(record) for record in page.records],
                "cursor": page.cursor,
                "words": content.words,
            }
        case DetailNote():
            return {
                "kind": "detail",
                "picture": picture_json(content.detail.record),
                "lines": [list(line) for line in content.detail.lines],
            }
        case _:
            assert_never(content)


def picture_json(record: Record) -> Json:
    """Give one picture with what it takes to show and to draw it again."""
    width, height = size_of(record.resolution) or (1, 1)
    return {
        "id": record.id,
        "url": f"/pictures/{record.id}" if record.stored_path else None,
        "alt": alt_text(record),
        "prompt": record.prompt,
        "final_prompt": record.expanded_prompt,
        "seed": record.seed,
        "width": width,
        "height": height,
        "facts": facts(record),
        "tags": list(record.tags),
        "is_pinned": record.is_pinned,
        "is_safe": record.is_safe,
        "parent": record.parent_id,
        "buttons": [
            {"action": button.action.value, "label": button.label}
            for button in buttons(record.id)
        ],
    }


def _copy_json(record: Record, copy: Copy) -> Json:
    """Give a sized copy as a picture of its own; its buttons are the picture's."""
    return {
        **picture_json(record),
        "url": f"/pictures/{record.id}/{quote(copy.format)}",
        "width": copy.width,
        "height": copy.height,
        "facts": [describe(copy)],
    }


def facts(record: Record) -> list[str]:
    """Give what the line below a picture says, the seed aside."""
    said = [model_label(record.model), record.resolution.replace("x", " × ")]
    if record.style_type not in {"AUTO", ""}:
        said.append(style_word(record.style_type))
    if record.rendering_speed:
        said.append(record.rendering_speed.lower())
    if record.color_palette:
        said.append(f"palette {record.color_palette.lower()}")
    if record.negative_prompt:
        said.append(f"no {record.negative_prompt}")
    if record.magic_prompt is not MagicPrompt.AUTO:
        said.append(f"magic {record.magic_prompt.value.lower()}")
    return said


def model_label(name: str) -> str:
    """Give a model's name as people say it: `V_2_TURBO` is `v2 turbo`."""
    numbered = re.sub(r"^V_(\d+)_(\d)", r"v\1.\2", name)
    return re.sub(r"^V_", "v", numbered).replace("_", " ").lower()


def alt_text(record: Record) -> str:
    """Give the words for those who do not see the picture: its prompt."""
    text = " ".join(record.final_prompt.split())
    return text if len(text) <= _MAX_ALT else text[: _MAX_ALT - 1] + "…"


def file_name(record: Record, suffix: str) -> str:
    """Give the name under which the picture is saved: its first words and its seed."""
    words = re.findall(r"[a-z0-9]+", record.prompt.lower())[:_MAX_FILE_WORDS]
    return f"{'-'.join(words)[:60] or 'picture'}-seed{record.seed}{suffix}"


def ratio_of(request: ImageRequest) -> str:
    """Give the shape the pictures will have, as CSS writes it: `16 / 9`."""
    width, height = size_of(request.resolution or request.aspect_ratio or "") or (1, 1)
    return f"{width} / {height}"


def size_of(text: str) -> tuple[int, int] | None:
    """Read the two numbers of `1024x768` or `ASPECT_16_9`; both above zero, or None."""
    numbers = [int(number) for number in re.findall(r"\d{1,5}", text)]
    match numbers:
        case [width, height] if width and height:
            return width, height
        case _:
            return None


def catalogue_json(catalogue: Catalogue) -> Json:
    """Give what can be typed, for the hints while typing."""
    return {
        "commands": [
            {"name": each.name, "arguments": each.arguments, "help": each.help}
            for each in catalogue.commands
        ],
        "options": [_option(option) for option in catalogue.options],
    }


def _option(option: Option) -> Json:
    return {
        "flag": option.flag,
        "name": option.name,
        "help": option.help,
        "kind": option.kind.value,
        "aliases": list(option.aliases),
        "choices": [{"label": c.label, "value": c.value} for c in option.choices],
        "minimum": option.minimum,
        "maximum": option.maximum,
    }

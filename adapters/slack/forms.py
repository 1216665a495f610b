"""Modals: what is shown, and what was filled in. Pure.

https://docs.slack.dev/reference/views/modal-views
"""

from collections.abc import Mapping
from typing import Any

from adapters.slack.blocks import Block, plain, section
from adapters.slack.origins import read_metadata, write_metadata
from adapters.slack.text import cut, escape
from bot.chat.commands import Change, Generate, Origin
from bot.chat.replies import EditForm, MoreForm
from bot.domain.people import Place
from bot.domain.record import RecordId
from bot.domain.sizes import NAMED

EDIT = "edit"
MORE = "more"
_PROMPT, _FLAGS, _TAGS, _PIN, _DELETE = "prompt", "flags", "tags", "pin", "delete"
_NAMED, _SIZES = "named", "sizes"
MAX_INPUT = 3000  # of a plain_text_input
_MAX_ERROR = 300  # readable below a field


def edit_view(form: EditForm, place: Place) -> Block | None:
    """Give the modal to change a picture's prompt and flags; None when they are too long."""
    if max(len(form.prompt), len(form.flags)) > MAX_INPUT:
        return None
    return modal(
        EDIT,
        title="Edit and draw",
        submit="Draw",
        metadata=write_metadata(place, form.record_id),
        blocks=[
            text_input(_PROMPT, "Prompt", form.prompt, is_multiline=True),
            text_input(
                _FLAGS,
                "Flags",
                form.flags,
                is_optional=True,
                hint="For example --ar 16:9 --seed 42 --style design",
            ),
        ],
    )


def more_view(form: MoreForm, place: Place) -> Block:
    """Give the modal with what else can be done with a picture."""
    blocks = [
        _checkbox(
            _PIN,
            "Pin",
            "Keep this picture for ever",
            is_ticked=form.is_pinned,
        ),
        text_input(
            _TAGS,
            "Tags",
            cut(form.tags, MAX_INPUT),
            is_optional=True,
            hint="Separated by commas",
        ),
        _formats(),
        text_input(
            _SIZES,
            "Other sizes",
            "",
            is_optional=True,
            hint="For example 800x600 or 1200x1200:contain:jpeg, separated by commas",
        ),
    ]
    if form.can_delete:
        label = "Delete the record and the kept file (the message in Slack stays)"
        blocks.append(_checkbox(_DELETE, "Delete", label, is_ticked=False))
    metadata = write_metadata(place, form.record_id)
    return modal(MORE, title="More", submit="Save", metadata=metadata, blocks=blocks)


def notice_view(text: str) -> Block:
    """Give the modal that tells how it went."""
    return {
        "type": "modal",
        "title": plain("More"),
        "close": plain("Close"),
        "blocks": [section(cut(escape(text), MAX_INPUT))],
    }


def read_edit(view: Mapping[str, Any], origin: Origin) -> Generate:
    """Read the sent form of `edit_view`."""
    text = f"{read_text(view, _PROMPT)} {read_text(view, _FLAGS)}"
    return Generate(origin=origin, text=text.strip())


def edit_errors(view: Mapping[str, Any], text: str) -> dict[str, str]:
    """Give the acknowledgement that keeps the form open and says below which field why."""
    field = _FLAGS if read_text(view, _FLAGS) else _PROMPT
    return {field: short_error(text)[0]}


def read_more(view: Mapping[str, Any], origin: Origin) -> Change:
    """Read the sent form of `more_view`."""
    return Change(
        origin=origin,
        target=RecordId(read_metadata(view)["record"]),
        is_pinned=_is_ticked(view, _PIN),
        tags=read_text(view, _TAGS),
        is_deleted=_is_ticked(view, _DELETE),
        formats=",".join(
            [
                *(each["value"] for each in _ticked(view, _NAMED)),
                *filter(None, [read_text(view, _SIZES)]),
            ]
        ),
    )


def short_error(text: str) -> tuple[str, bool]:
    """Give what fits below a field, and whether that is all of it."""
    return cut(text, _MAX_ERROR), len(text) <= _MAX_ERROR


def modal(
    callback_id: str, *, title: str, submit: str, metadata: str, blocks: list[Block]
) -> Block:
    """Give a modal."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title),
        "submit": plain(submit),
        "close": plain("Cancel"),
        "private_metadata": metadata,
        "blocks": blocks,
    }


def text_input(
    name: str,
    label: str,
    initial: str,
    *,
    is_multiline: bool = False,
    is_optional: bool = False,
    hint: str | None = None,
) -> Block:
    """Give a field for text."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": is_multiline,
        "max_length": MAX_INPUT,
    }
    if initial:
        element["initial_value"] = initial
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "optional": is_optional,
        "element": element,
    }
    return block | ({"hint": plain(hint)} if hint else {})


def _checkbox(name: str, label: str, text: str, *, is_ticked: bool) -> Block:
    option = {"text": plain(text), "value": name}
    element: Block = {"type": "checkboxes", "action_id": name, "options": [option]}
    if is_ticked:
        element["initial_options"] = [option]
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "optional": True,
        "element": element,
    }


def read_field(view: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Give what was filled into a field."""
    values = view["state"]["values"]
    return dict((values.get(name) or {}).get(name) or {})


def read_text(view: Mapping[str, Any], name: str) -> str:
    """Give what was written into a field."""
    return str(read_field(view, name).get("value") or "").strip()


def _is_ticked(view: Mapping[str, Any], name: str) -> bool:
    return bool(_ticked(view, name))


def _ticked(view: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return list(read_field(view, name).get("selected_options") or ())


def _formats() -> Block:
    options = [
        {"text": plain(f"{name} ({width}x{height})"), "value": name}
        for name, (width, height) in NAMED.items()
    ]
    return {
        "type": "input",
        "block_id": _NAMED,
        "label": plain("Sized copies"),
        "optional": True,
        "element": {"type": "checkboxes", "action_id": _NAMED, "options": options},
    }

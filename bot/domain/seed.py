"""The seed document's `generations.json`, read: its 15 keys, and what stands for the rest.

Pure. Who asked, and where, such a list does not say: the record is this machine's own.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.domain.exchange import from_json
from bot.domain.people import Platform, Visibility
from bot.domain.record import Record
from bot.domain.request import ImageRequest, MagicPrompt, prompt_hash
from bot.errors import WrongInput

_COLUMN_OF = {
    "id": "id",
    "prompt": "prompt",
    "expandedPrompt": "expanded_prompt",
    "negativePrompt": "negative_prompt",
    "model": "model",
    "styleType": "style_type",
    "aspectRatio": "aspect_ratio",
    "seed": "seed",
    "resolution": "resolution",
    "isSafe": "is_safe",
    "originalUrl": "original_url",
    "storedPath": "stored_path",
    "createdAt": "created_at",
    "sizeBytes": "size_bytes",
    "tags": "tags",
}
_EMPTY = ("aspect_ratio", "original_url", "stored_path")  # "" where there is none
_NAMED_BY_CONTENT = re.compile(r".*/([0-9a-f]{64})\.\w+")  # as kept files are
_NOT_SAID: Mapping[str, Any] = {
    "expanded_prompt": None,
    "negative_prompt": None,
    "size_bytes": None,
    "tags": [],
}
_MADE_UP: Mapping[str, Any] = {
    "parent_id": None,
    "prompt_hash": "",
    "magic_prompt": MagicPrompt.AUTO.value,
    "color_palette": None,
    "rendering_speed": None,
    "attempts": 1,
    "cost_usd": 0,
    "platform": Platform.TERMINAL.value,
    "workspace_id": "local",
    "channel_id": "import",
    "user_id": "import",
    "pinned": False,
    "visibility": Visibility.WORKSPACE.value,
    "thread_id": None,
}


def from_seed_json(item: Mapping[str, Any]) -> Record:
    """Give the record of one item of the list. Raises: WrongInput, naming the column."""
    if unknown := [key for key in item if key not in _COLUMN_OF]:
        raise WrongInput(f"There is no key {unknown[0]}.")
    said = {_COLUMN_OF[key]: value for key, value in item.items()}
    said |= {name: None for name in _EMPTY if said.get(name) == ""}
    columns = {**_NOT_SAID, **_MADE_UP, **said, "job_id": said.get("id")}
    columns["sha256"] = _sha256(said.get("stored_path"))
    if isinstance(said.get("prompt"), str):
        columns["prompt_hash"] = _hash(columns)
    return from_json(columns)


def _sha256(path: object) -> str | None:
    named = _NAMED_BY_CONTENT.fullmatch(path) if isinstance(path, str) else None
    return named[1] if named else None


def _hash(columns: Mapping[str, Any]) -> str:
    """Give the hash of the request; the resolution was asked for where no shape was."""
    negative, ratio = columns["negative_prompt"], columns.get("aspect_ratio")
    return prompt_hash(
        ImageRequest(
            prompt=columns["prompt"],
            negative_prompt=negative if isinstance(negative, str) else None,
            model=str(columns.get("model")),
            style_type=columns.get("style_type"),
            aspect_ratio=ratio,
            resolution=None if ratio else columns.get("resolution"),
        )
    )

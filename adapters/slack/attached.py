"""Files that people attach: their description is what Slack sends, their bytes are fetched.

Slack describes some files by their id alone; then it is asked for the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack.refusals import Refused
from adapters.slack.web import SlackWeb
from bot.domain.batch import MAX_BYTES
from bot.errors import WrongInput

_ONE = "Attach one file at a time."
_GONE = "Slack does not show me this file. Attach it once more, or paste its lines."

Described = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file's name and bytes."""

    name: str
    content: bytes


async def fetch(web: SlackWeb, files: Sequence[Described]) -> Attached:
    """Give the one file of *files*. Raises: WrongInput, PlatformBusy, PlatformDown."""
    if len(files) != 1:
        raise WrongInput(_ONE)
    file = await _described(web, files[0])
    if int(file.get("size") or 0) > MAX_BYTES:
        raise WrongInput(
            f"The file is larger than {MAX_BYTES // 1024**2} MiB. Split it."
        )
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    if file.get("is_external") or not url:
        raise WrongInput(_GONE)
    content = await web.download(url, max_bytes=MAX_BYTES)
    return Attached(name=str(file.get("name") or ""), content=content)


async def _described(web: SlackWeb, file: Described) -> Described:
    if file.get("url_private_download"):
        return file
    try:
        answer = await web.call("files.info", file=str(file["id"]))
    except Refused as refused:
        if refused.code == "missing_scope":
            raise WrongInput(refused.as_error().text) from refused
        raise WrongInput(_GONE) from refused
    return dict(answer.get("file") or {})

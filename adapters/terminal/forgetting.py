"""`forget`: what would go, the question, and the receipt."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from bot.domain.exchange import time_text
from bot.domain.forgetting import Belongings, Receipt, kept
from bot.domain.people import Person, Platform
from bot.errors import StorageError, WrongInput

MUST_CONFIRM = (
    "This cannot be undone, and nobody is here to confirm it. Add --yes if you mean it."
)
NOT_CONFIRMED = "Nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Who was named; None: wherever there is something of them."""

    user: str
    platform: Platform | None
    workspace: str | None


def question(person: Person, found: Belongings, *, is_anonymised: bool) -> str:
    """Give what would go, as a question."""
    who = f"{person.user_id} ({person.platform}, {person.workspace_id})"
    size = f"{found.size_bytes:,} bytes"
    counts = f"{found.records:,} records, {found.files:,} files ({size})"
    jobs = f"{found.jobs:,} jobs, {found.unfinished:,} of them unfinished"
    if is_anonymised:
        return (
            f"{who}: {counts} and {jobs}. Person and words will be taken from them, the "
            "pictures stay. This cannot be undone. Go on?"
        )
    return f"{who}: {counts} and {jobs} will be deleted. This cannot be undone. Go on?"


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """Give the receipt for programs."""
    done = receipt.done
    return {
        "at": time_text(receipt.at),
        "version": receipt.version,
        "digest": receipt.digest,
        "salt": receipt.salt,
        "digest_of": "SHA-256 of salt, platform, workspace and user, a line each",
        "anonymised": receipt.is_anonymised,
        "pseudonym": done.pseudonym if receipt.is_anonymised else None,
        "records": done.records,
        "files": done.files,
        "size_bytes": done.size_bytes,
        "jobs": done.jobs,
        "unfinished": receipt.unfinished,
        "messages": done.found.messages,
        "messages_taken_back": receipt.is_taken_back,
        "kept": kept(receipt),
    }


def receipt_text(receipt: Receipt) -> list[RenderableType]:
    """Give the receipt for people."""
    done = receipt.done
    verb = "Anonymised" if receipt.is_anonymised else "Deleted"
    files = "" if receipt.is_anonymised else f", {done.files:,} files"
    size = "" if receipt.is_anonymised else f" ({done.size_bytes:,} bytes)"
    return [
        f"{verb} {done.records:,} records{files}{size} and {done.jobs:,} jobs.",
        *(f"- {sentence}" for sentence in kept(receipt)),
        f"At {time_text(receipt.at)} by ideogram-bot {receipt.version}.",
        f"Whose it was: SHA-256 {receipt.digest}",
        f"of these, a line each: the salt {receipt.salt}, platform, workspace, user.",
    ]


def open_output(path: Path) -> None:
    """Make sure that the receipt can be kept there. Raises: WrongInput."""
    try:
        with path.open("ab") as file:
            is_taken = file.tell() > 0  # an empty one is of a try that was cut off
    except OSError as error:
        raise WrongInput(
            f"The receipt cannot be kept in {path}: {error.strerror}. Name another file."
        ) from error
    if is_taken:
        raise WrongInput(f"There is a file {path} already. Name a new one.")


def write_output(path: Path, receipt: Receipt) -> None:
    """Keep the receipt as JSON. Raises: StorageError."""
    text = json.dumps(receipt_json(receipt), ensure_ascii=False, indent=2)
    try:
        path.write_text(f"{text}\n")
    except OSError as error:
        raise StorageError(
            f"It is done, but the receipt could not be kept in {path}: {error.strerror}."
        ) from error

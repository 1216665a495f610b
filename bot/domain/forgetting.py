"""What a person has here, and the receipt for its having been taken away. Pure.

The receipt keeps no name: a digest proves later whose it was to who knows both the name
and the salt.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from bot.domain.people import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """How much there is of a person."""

    records: int = 0
    files: int = 0
    size_bytes: int = 0
    jobs: int = 0
    unfinished: int = 0  # of the jobs
    messages: int = 0  # on the platform, that show the pictures
    shared: int = 0  # of the files: records of others have them, too
    descendants: int = 0  # pictures that others drew again from theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How far a forgetting has come, over all its runs."""

    pseudonym: str
    found: Belongings  # when it began
    records: int = 0
    files: int = 0
    size_bytes: int = 0
    jobs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was done; `pseudonym` stands for the person where figures were kept."""

    digest: str
    salt: str
    at: datetime
    version: str
    done: Forgotten
    is_anonymised: bool
    unfinished: int  # jobs that could not be ended in time
    is_rewritten: bool  # no page of the database file is left from before
    is_taken_back: bool  # the messages will be deleted by the bot


def digest_of(person: Person, salt: str) -> str:
    """Give what proves that a receipt is this person's."""
    parts = (salt, person.platform.value, person.workspace_id, person.user_id)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def kept(receipt: Receipt) -> list[str]:
    """Say what is still there, and why."""
    done = receipt.done
    said = []
    if receipt.is_anonymised and done.records:
        said.append(
            f"The pictures and figures of {_count(done.records, 'record')} stay, under "
            f"{done.pseudonym}. What the pictures themselves show was not changed."
        )
    if done.found.shared and not receipt.is_anonymised:
        said.append(
            f"{_count(done.found.shared, 'file')} may stay: records of other people had "
            "the same picture."
        )
    if done.found.descendants:
        said.append(
            f"{_count(done.found.descendants, 'picture')} that other people drew again "
            "from these are those people's and stay, with the words they were drawn from."
        )
    return [*said, *_left_behind(receipt)]


def _left_behind(receipt: Receipt) -> list[str]:
    said = []
    messages = _count(receipt.done.found.messages, "message")
    if receipt.done.found.messages and receipt.is_taken_back:
        said.append(
            f"{messages} on the platform will be deleted by the bot: soon when it runs, "
            "else once it is started."
        )
    elif receipt.done.found.messages:
        said.append(f"{messages} on the platform stay there: delete them by hand.")
    if receipt.unfinished:
        said.append(
            f"{_count(receipt.unfinished, 'job')} could not be ended in time: a picture "
            "was being drawn. Type the same command again in a few minutes."
        )
    if not receipt.is_rewritten:
        said.append(
            "The database file was not rewritten, since others work on it or there was no "
            "room: fragments of deleted text may be left in it until the next forget "
            "without a live run."
        )
    said.append("Backups made before this still hold it all: delete them or make anew.")
    return said


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

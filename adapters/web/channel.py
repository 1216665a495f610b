"""The live channel: the entries of this run, and who is listening.

Everything happens on one event loop and nothing waits, so no lock is needed. Every
change has a number; a listener that was cut off names the last number it saw and gets
what it missed, or is told to load everything anew.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from adapters.web.entries import Entry

_MAX_ENTRIES = 400
_MAX_EVENTS = 1000
_MAX_BEHIND = 500  # events a listener may lag before it has to come again
_MOST_DIGITS = 15


class EventKind(StrEnum):
    """What happened in the channel."""

    ENTRY = "entry"  # new, or changed
    REMOVED = "removed"
    RESET = "reset"  # too much was missed: load everything anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change; `entry` is there for ENTRY, `entry_id` for ENTRY and REMOVED."""

    number: int
    kind: EventKind
    audience: str | None = None
    entry_id: str = ""
    entry: Entry | None = None

    def is_for(self, user_id: str) -> bool:
        """Say whether *user_id* may hear of it."""
        return self.audience in {None, user_id}


Listener = asyncio.Queue[Event | None]  # None: the stream ends


class Channel:
    """What is shown, and the listeners; *epoch* names this run of the program."""

    def __init__(self, *, epoch: str) -> None:
        self._epoch = epoch
        self._number = 0
        self._entries: dict[str, tuple[int, Entry]] = {}
        self._events: deque[Event] = deque(maxlen=_MAX_EVENTS)
        self._listeners: dict[Listener, str] = {}
        self._is_closed = False

    @property
    def position(self) -> str:
        """Give the place in the stream of changes as of now."""
        return self.position_of(self._number)

    def position_of(self, number: int) -> str:
        """Give the place in the stream after change *number*: an SSE event id."""
        return f"{self._epoch}-{number}"

    def find(self, entry_id: str) -> Entry | None:
        """Give an entry of this run."""
        found = self._entries.get(entry_id)
        return found[1] if found else None

    def entries_for(self, user_id: str) -> list[tuple[int, Entry]]:
        """Give what *user_id* may see, each with the number of its latest change."""
        return [
            (number, entry)
            for number, entry in self._entries.values()
            if entry.audience in {None, user_id}
        ]

    def put(self, entry: Entry) -> None:
        """Show *entry*, in place of the one with its id."""
        self._tell(EventKind.ENTRY, entry.id, entry.audience, entry)
        self._entries[entry.id] = (self._number, entry)
        while len(self._entries) > _MAX_ENTRIES:
            del self._entries[next(iter(self._entries))]

    def put_if_absent(self, entry: Entry) -> None:
        """Show *entry* unless one with its id is there."""
        if entry.id not in self._entries:
            self.put(entry)

    def remove(self, entry_id: str, *, audience: str | None) -> None:
        """Take an entry away, also from pages that know it from an earlier run."""
        self._entries.pop(entry_id, None)
        self._tell(EventKind.REMOVED, entry_id, audience)

    @contextmanager
    def listen(self, user_id: str, *, after: str | None) -> Iterator[Listener]:
        """Listen for *user_id*, beginning with what came after the position *after*."""
        listener: Listener = asyncio.Queue()
        for event in self._missed_since(after):
            if event.is_for(user_id):
                listener.put_nowait(event)
        if self._is_closed:
            listener.put_nowait(None)
        self._listeners[listener] = user_id
        try:
            yield listener
        finally:
            del self._listeners[listener]

    def close(self) -> None:
        """End every stream, for good."""
        self._is_closed = True
        for listener in self._listeners:
            listener.put_nowait(None)

    def _missed_since(self, after: str | None) -> list[Event]:
        epoch, _, number = (after or "").rpartition("-")
        is_number = number.isdecimal() and len(number) <= _MOST_DIGITS
        if epoch != self._epoch or not is_number:
            return [Event(number=self._number, kind=EventKind.RESET)]
        missed = [event for event in self._events if event.number > int(number)]
        if len(missed) < self._number - int(number):
            return [Event(number=self._number, kind=EventKind.RESET)]
        return missed

    def _tell(
        self,
        kind: EventKind,
        entry_id: str,
        audience: str | None,
        entry: Entry | None = None,
    ) -> None:
        self._number += 1
        event = Event(
            number=self._number,
            kind=kind,
            audience=audience,
            entry_id=entry_id,
            entry=entry,
        )
        self._events.append(event)
        for listener, user_id in self._listeners.items():
            if event.is_for(user_id):
                _hand_over(listener, event)


def _hand_over(listener: Listener, event: Event) -> None:
    if listener.qsize() < _MAX_BEHIND:
        listener.put_nowait(event)
    elif listener.qsize() == _MAX_BEHIND:
        listener.put_nowait(None)  # it comes again and is told what it missed

"""Alerts to an https address: one JSON body each time there is news.

Guarded and signed as callbacks are. An alert is told when it opens, changes and is over;
its delivery id is the same when a request is repeated.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.callbacks.outcome import Answer
from bot.callbacks.sending import Post
from bot.callbacks.signing import DELIVERY, sign
from bot.domain.alert import AlertMessage, Line, Who
from bot.domain.exchange import time_text
from bot.errors import PlatformDown, PlatformRefused
from bot.ports.base import Clock
from bot.ports.chat import PostNotes

_SUCCESSES = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAlerts:
    """Implements the port AlertSender; without *secret* nothing is signed."""

    url: str
    send: Post
    secret: str | None
    clock: Clock

    async def post(self, message: AlertMessage, notes: PostNotes) -> None:
        """Send a message that is new. Raises: PlatformDown, StorageError."""
        if notes.current:
            return
        event = "resolved" if message.is_over else "opened"
        await self._tell(message, event)
        await notes.write({"is_told": True})

    async def edit(self, message: AlertMessage, notes: Mapping[str, Any]) -> None:
        """Send a message that has changed. Raises: PlatformDown."""
        del notes
        if message.alert.closed_at and message.alert.worked_at:
            return  # that it works again was told: nothing opens it anew
        await self._tell(message, "updated")

    async def _tell(self, message: AlertMessage, event: str) -> None:
        content = json.dumps(body(message, event), ensure_ascii=False).encode()
        headers = {DELIVERY: f"{message.key}.{message.alert.version}"}
        if self.secret is not None:
            headers |= sign(self.secret, content, at=self.clock.now())
        answer = await self.send(self.url, content, headers)
        if answer.status not in _SUCCESSES:
            raise _read(answer)


def body(message: AlertMessage, event: str) -> dict[str, Any]:
    """Give what is told of an alert; `text` says it in words."""
    alert, failed = message.alert, message.failed
    return {
        "event": f"ideogram.alert.{event}",
        "alertId": alert.id,
        "kind": alert.kind.value,
        "count": alert.count,
        "jobs": list(failed.jobs),
        "error": alert.error,
        "since": time_text(alert.opened_at),
        "last": time_text(alert.last_at),
        "text": "\n".join([message.title, *map(_plain, message.lines)]),
    }


def _plain(line: Line) -> str:
    return "".join(part.user_id if isinstance(part, Who) else part for part in line)


def _read(answer: Answer) -> PlatformDown | PlatformRefused:
    wait: timedelta | None = answer.retry_after
    told = answer.problem or f"It answered with status {answer.status}"
    return PlatformDown(f"{told}.", retry_after=wait)

"""The channel's changes as server-sent events.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

from starlette.responses import StreamingResponse

from adapters.web.channel import Channel, Event
from adapters.web.view import entry_json

# Shorter than the minute after which proxies cut a silent connection.
_HEARTBEAT = timedelta(seconds=20)
_RETRY = "retry: 1000\n\n"


def event_stream(
    channel: Channel, user_id: str, *, after: str | None
) -> StreamingResponse:
    """Give the changes that *user_id* may see, from the position *after* on."""
    return StreamingResponse(
        _changes(channel, user_id, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _changes(
    channel: Channel, user_id: str, after: str | None
) -> AsyncIterator[str]:
    with channel.listen(user_id, after=after) as listener:
        yield _RETRY
        while True:
            try:
                async with asyncio.timeout(_HEARTBEAT.total_seconds()):
                    event = await listener.get()
            except TimeoutError:
                yield ": nothing new\n\n"
                continue
            if event is None:
                return
            yield encode(event, channel.position_of(event.number))


def encode(event: Event, position: str) -> str:
    """Give *event* in the format of the stream."""
    data = (
        entry_json(event.number, event.entry) if event.entry else {"id": event.entry_id}
    )
    return f"id: {position}\nevent: {event.kind}\ndata: {json.dumps(data)}\n\n"

"""Batches on the page: one entry each, shown again with every change.

Its id is derived from the batch, so nothing is there twice; after a restart the next change
brings it back.
"""

import asyncio
from pathlib import Path

from adapters.web.channel import Channel
from adapters.web.entries import BatchPost, batch_entry_id
from bot.domain.batch import Batch
from bot.domain.people import Place
from bot.ports.chat import PostNotes


class WebBatches:
    """Implements the port BatchSender."""

    def __init__(self, *, channel: Channel) -> None:
        self._channel = channel

    async def begin(self, batch: Batch, text: str, notes: PostNotes) -> Place:
        """Show the entry; the pictures follow below it."""
        del notes  # the entry's id is enough to show it once
        self._show(batch, text)
        return batch.place

    async def update(self, batch: Batch, text: str) -> None:
        """Show how it stands."""
        self._show(batch, text)

    async def end(self, batch: Batch, text: str, table: Path, notes: PostNotes) -> None:
        """Let the entry say how it ended, with the table to save."""
        del notes
        content = await asyncio.to_thread(table.read_bytes)
        before = self._channel.find(batch_entry_id(batch.id))
        progress = before.text if isinstance(before, BatchPost) else ""
        self._show(batch, progress, summary=text, table=content)

    def _show(
        self, batch: Batch, text: str, *, summary: str = "", table: bytes | None = None
    ) -> None:
        self._channel.put(
            BatchPost(
                id=batch_entry_id(batch.id),
                at=batch.created_at,
                audience=None,
                batch=batch,
                text=text,
                summary=summary,
                table=table,
            )
        )

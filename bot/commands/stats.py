"""`/imagine stats`: pictures and money, one's own and the workspace's."""

from dataclasses import dataclass

from bot.chat.commands import Stats
from bot.chat.replies import Notice
from bot.domain.record import Totals
from bot.ports import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsHandler:
    """Totals what is on record."""

    records: Records

    async def __call__(self, command: Stats) -> Notice:
        """Give the totals."""
        person = command.origin.person
        own = await self.records.report(person=person)
        workspace = (person.platform, person.workspace_id)
        everyone = await self.records.report(workspace=workspace)
        return Notice(
            text=f"You: {_line(own.total)}.\nEveryone here: {_line(everyone.total)}.\n"
            "Counted are the pictures on record; old ones are swept."
        )


def _line(totals: Totals) -> str:
    many = "picture" if totals.images == 1 else "pictures"
    return f"{totals.images} {many}, ${totals.cost_usd:.2f}"

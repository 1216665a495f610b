"""`/imagine stats`: pictures and money, one's own and the workspace's, and what is left."""

from dataclasses import dataclass

from bot.chat.commands import Stats
from bot.chat.replies import Notice
from bot.commands.permitting import Permitting
from bot.domain.budget import Hold, Standing, Unit, dollars
from bot.domain.record import Totals
from bot.ports.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsHandler:
    """Totals what is on record, and shows each budget of who asks."""

    records: Records
    permitting: Permitting

    async def __call__(self, command: Stats) -> Notice:
        """Give the totals."""
        person = command.origin.person
        own = await self.records.report(person=person)
        workspace = (person.platform, person.workspace_id)
        everyone = await self.records.report(workspace=workspace)
        lines = [
            f"You: {_line(own.total)}.",
            f"Everyone here: {_line(everyone.total)}.",
            "Counted are the pictures on record; old ones are swept.",
        ]
        budgets = await self.permitting.standings(command.origin)
        lines += [_budget(hold, standing) for hold, standing in budgets]
        return Notice(text="\n".join(lines))


def _line(totals: Totals) -> str:
    many = "picture" if totals.images == 1 else "pictures"
    return f"{totals.images} {many}, ${totals.cost_usd:.2f}"


def _budget(hold: Hold, standing: Standing) -> str:
    """Give `Your budget of $5 a day: $1.20 used, $3.80 left today. It begins anew …`."""
    name = hold.name[:1].upper() + hold.name[1:]
    used, left = standing.used, hold.left(standing)
    if hold.unit is Unit.MICROS:
        return f"{name}: {dollars(used)} used, {dollars(left)} left {hold.span}. {hold.advice}"
    return f"{name}: {used} used, {left} left {hold.span}. {hold.advice}"

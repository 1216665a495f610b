"""`/imagine show ID`: everything about one picture."""

from dataclasses import dataclass

from bot.chat.commands import Show
from bot.chat.replies import RecordDetail
from bot.commands.again import as_typed
from bot.commands.targets import Targets
from bot.domain.models import Models
from bot.domain.record import Record
from bot.errors import NotFound
from bot.parsing.format import format_request


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHandler:
    """Shows one record."""

    targets: Targets
    models: Models
    default_model: str

    async def __call__(self, command: Show) -> RecordDetail:
        """Give the record. Raises: NotFound, WrongInput."""
        record = await self.targets.by_id(command.origin, command.target)
        return RecordDetail(record=record, lines=self._lines(record))

    def _lines(self, record: Record) -> tuple[tuple[str, str], ...]:
        size = f"{record.size_bytes / 1024:.0f} KiB" if record.size_bytes else ""
        lines = (
            ("Id", record.id),
            ("Prompt", record.prompt),
            ("Drawn as", record.expanded_prompt or ""),
            ("Avoiding", record.negative_prompt or ""),
            ("Model", record.model),
            ("Style", record.style_type),
            ("Size", record.resolution),
            ("Seed", str(record.seed)),
            ("Palette", record.color_palette or ""),
            ("Speed", record.rendering_speed or ""),
            ("Tags", ", ".join(record.tags)),
            ("Drawn again from", record.parent_id or ""),
            ("Drawn at", f"{record.created_at:%Y-%m-%d %H:%M} UTC"),
            ("File", size),
            ("Withheld", record.withheld or ""),
            ("Cost", f"${record.cost_usd.normalize():f}"),
            ("Pinned", "yes" if record.is_pinned else ""),
            ("To type", self._command(record)),
        )
        return tuple((name, value) for name, value in lines if value)

    def _command(self, record: Record) -> str:
        """Give the command that asks for this picture, where its model is offered."""
        try:
            request = as_typed(record, self.models)
        except NotFound:
            return ""
        typed = format_request(
            request, models=self.models, default_model=self.default_model
        )
        return f"/imagine {typed}"

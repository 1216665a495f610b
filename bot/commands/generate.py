"""`/imagine a fox in a suit --ar 16:9`."""

from dataclasses import dataclass

from bot.chat.commands import Generate
from bot.chat.replies import Accepted
from bot.commands.submitting import Submitting
from bot.domain.models import Models
from bot.parsing.resolve import parse_request


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateHandler:
    """Draws what was typed."""

    submit: Submitting
    models: Models
    default_model: str

    async def __call__(self, command: Generate) -> Accepted:
        """Write the job down. Raises: WrongInput, StorageError."""
        request = parse_request(
            command.text,
            options=command.options,
            models=self.models,
            default_model=self.default_model,
        )
        return await self.submit(
            command.origin, request, callback_url=command.callback_url
        )

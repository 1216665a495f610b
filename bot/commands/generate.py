"""`/imagine a fox in a suit --ar 16:9`."""

from dataclasses import dataclass, replace

from bot.chat.commands import Generate
from bot.chat.replies import Accepted, AlreadyDrawn
from bot.commands.duplicates import Duplicates
from bot.commands.submitting import Submitting
from bot.domain.duplicate import ago
from bot.domain.models import Models
from bot.domain.people import Platform
from bot.parsing.callback import take_callback
from bot.parsing.resolve import parse_request


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateHandler:
    """Draws what was typed, or offers the same that was drawn before."""

    submit: Submitting
    models: Models
    default_model: str
    duplicates: Duplicates

    async def __call__(self, command: Generate) -> Accepted | AlreadyDrawn:
        """Write the job down. Raises: WrongInput, NotAllowed, StorageError.

        Whoever cannot be asked, at the terminal, is told of the earlier picture.
        """
        origin = command.origin
        text, url = take_callback(command.text)
        url = url or command.callback_url
        permitting = self.submit.permitting
        request = parse_request(
            text,
            options=command.options,
            models=self.models,
            default_model=self.default_model,
            defaults=permitting.flags_for(origin),
        )
        same = await self.duplicates.find(origin, permitting.as_drawn(origin, request))
        if same is not None and origin.person.platform is not Platform.TERMINAL:
            return await self.duplicates.offer(origin, request, same, callback_url=url)
        accepted = await self.submit(origin, request, callback_url=url)
        if same is None:
            return accepted
        then = ago(same.created_at, self.submit.clock.now())
        told = f"The same was drawn {then}: record {same.id}; drawing it anew."
        return replace(accepted, text=f"{told} {accepted.text}")

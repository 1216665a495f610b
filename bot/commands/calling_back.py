"""Whether a job may tell another program what became of it: the one place that says so."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.callbacks.guard import Rules
from bot.chat.commands import Origin
from bot.domain.people import Platform
from bot.errors import NotAllowed


def is_at_the_terminal(origin: Origin) -> bool:
    """Say whether who asked sits at the machine that runs the bot."""
    return origin.person.platform is Platform.TERMINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingBack:
    """Checks a callback's address and who named it; `is_allowed` says who may."""

    rules: Rules = field(default_factory=Rules)
    is_allowed: Callable[[Origin], bool] = is_at_the_terminal

    def check(self, origin: Origin, url: str) -> None:
        """Say nothing when *url* may be told.

        Raises: NotAllowed, WrongInput (the address).
        """
        if not self.is_allowed(origin):
            raise NotAllowed(
                "Callbacks are not open to you here. Leave --callback-url out, or ask "
                "whoever runs the bot to allow it. Nothing was drawn."
            )
        self.rules.check(url)

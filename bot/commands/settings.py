"""`/imagine settings`: what holds for a person in a place, by the operator's settings and rules.

It only shows: a person changes a single picture with flags, and only the operator what holds
without them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.chat.commands import ShowSettings
from bot.chat.replies import Notice
from bot.commands.permitting import Permitting, asker_of
from bot.domain.models import Models
from bot.domain.request import MagicPrompt
from bot.policy.permissions import Limit, size_word
from bot.policy.policy import Policy
from bot.policy.who import Asker

_END = (
    "Whoever runs the bot can change this. For one picture, say it with flags: "
    "/imagine help lists them. What is left of budgets: /imagine stats."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsHandler:
    """Shows what holds; `keep_for` is RETENTION_DAYS (None: for ever)."""

    permitting: Permitting
    policy: Callable[[], Policy]
    models: Models
    default_model: str
    keep_for: timedelta | None
    duplicates_within: timedelta

    async def __call__(self, command: ShowSettings) -> Notice:
        """Give a line for each thing. Raises: NotAllowed (not for who asks, here)."""
        await self.permitting.admit(command.origin)
        asker, policy = asker_of(command.origin), self.policy()
        lines = [
            *self._where_nothing_is_said(asker, policy),
            *self._limits(asker, policy),
            *self._prompts(policy),
            *self._pictures(asker, policy),
        ]
        text = "\n".join(f"• {line}" for line in lines)
        return Notice(text=f"What holds for you here:\n{text}\n{_END}")

    def _where_nothing_is_said(self, asker: Asker, policy: Policy) -> Iterator[str]:
        model = self.models[self.default_model].flag
        flags = policy.flags_for(asker)
        yield f"Where you say nothing: --model {model}" + (
            f", then {flags}" if flags else ""
        )

    def _limits(self, asker: Asker, policy: Policy) -> Iterator[str]:
        if policy.permissions.is_admin(asker):
            yield "You are an admin: limits and approval are not for you"
            return
        limit = policy.permissions.limit_for(asker)
        yield from self._named(limit)
        if limit.count is not None:
            yield f"At most {limit.count} at a time (--n)"
        if limit.pictures_an_hour is not None:
            yield f"At most {limit.pictures_an_hour} pictures an hour"
        if not limit.batches:
            yield "No batches"
        if policy.may_ask_callbacks(asker) and limit.callbacks:
            yield "You may name an address for callbacks (--callback-url)"

    def _named(self, limit: Limit) -> Iterator[str]:
        if limit.models is not None:
            flags = [m.flag for m in self.models.values() if m.name in limit.models]
            yield f"Models you may use: {', '.join(flags) or 'none'}"
        if limit.sizes is not None:
            sizes = ", ".join(sorted(map(size_word, limit.sizes)))
            yield f"Sizes you may use: {sizes or 'none'}"

    def _prompts(self, policy: Policy) -> Iterator[str]:
        content = policy.content
        if content.suffix:
            yield f"Behind every prompt: {content.suffix}"
        if set(content.magic) != set(MagicPrompt):
            allowed = ", ".join(one.lower() for one in content.magic)
            yield f"--magic may be {allowed}"

    def _pictures(self, asker: Asker, policy: Policy) -> Iterator[str]:
        if policy.approval_for(asker):
            yield "Moderators see your pictures before they are posted"
        if self.duplicates_within:
            yield (
                f"The same request within {_days(self.duplicates_within)} is offered again "
                "instead of being paid for twice"
            )
        kept = "Pictures stay for good"
        if self.keep_for is not None:
            kept = f"Pictures stay for {_days(self.keep_for)}, pinned ones for good"
        yield kept + (", where no rule says otherwise" if policy.retention else "")


def _days(time: timedelta) -> str:
    days = round(time / timedelta(days=1), 2)
    return "1 day" if days == 1 else f"{days:g} days"

"""Everything that can go wrong, split by who must act.

    BotError
    ├── UserError                 the person who typed
    │   ├── WrongInput            a flag, value or option; knows its position
    │   ├── NotFound              no such record, job or message (or not for this person)
    │   ├── NotAllowed            a rule of this bot forbids it
    │   │   └── BudgetExceeded    so much money is not left
    │   ├── PictureUnfit          no such copy can be made of this picture
    │   └── PictureRejected       a moderator said no
    ├── ProviderError             Ideogram, or the gateway in front of it
    │   ├── ProviderRefused       the safety check said no
    │   ├── RequestRejected       the request is malformed in the provider's eyes
    │   ├── KeyRejected           the key is wrong, empty or not entitled
    │   ├── OutOfCredit           the account has no money left
    │   ├── NothingDrawn          a success without a picture
    │   ├── ProviderBusy          too many requests; nothing was drawn
    │   ├── NotSent               the request never left this machine
    │   ├── ProviderDown          no usable answer; it may have been charged
    │   └── DownloadFailed        the picture's bytes did not arrive whole
    │       ├── PictureExpired    its address is dead; it must be drawn again
    │       └── PictureUnwelcome  its host is not allowed, or it is too large
    ├── PlatformError             Slack or Discord
    │   ├── PlatformBusy          a rate limit; knows when to come back
    │   ├── PlatformDown          no usable answer
    │   ├── PlatformRefused       a final no
    │   └── NotInPlace            the bot must be invited first
    ├── StorageError              the operator: disk, folder or database
    │   └── AlreadyRunning        another process owns this database
    └── ConfigError               the operator: settings

The text of an error is a finished sentence, or several, that a person may read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


class BotError(Exception):
    """Anything this program raises on purpose."""

    retryable: bool = False

    def __init__(self, text: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.retry_after = retry_after


class UserError(BotError):
    """What was typed cannot be done; the text says what to do next."""


class WrongInput(UserError):
    """A flag or value is wrong; `position` counts characters from 1."""

    def __init__(self, text: str, *, position: int | None = None) -> None:
        super().__init__(text)
        self.position = position


class NotFound(UserError):
    """There is no such thing, or it is not for this person to know."""


class NotAllowed(UserError):
    """A rule of this bot forbids it."""


class BudgetExceeded(NotAllowed):
    """So much is not left of a budget; `left` is, in millionths of a dollar or pictures.

    `rule` names the budget for the audit: `budget day person`.
    """

    def __init__(self, text: str, *, left: int, rule: str = "budget") -> None:
        super().__init__(text)
        self.left = left
        self.rule = rule


class PictureUnfit(UserError):
    """No such copy can be made of this picture."""


class PictureRejected(UserError):
    """A moderator did not let the picture be posted."""


class ProviderError(BotError):
    """Ideogram, or the gateway in front of it, did not draw."""


class ProviderRefused(ProviderError):
    """The safety check refused the prompt or the picture."""


class RequestRejected(ProviderError):
    """The provider calls the request invalid; sending it again changes nothing."""


class KeyRejected(ProviderError):
    """The key is missing, wrong, or not entitled to this."""


class OutOfCredit(ProviderError):
    """The account at the provider has no money left."""


class NothingDrawn(ProviderError):
    """The provider reported success and delivered no picture."""


class ProviderBusy(ProviderError):
    """Too many requests at once; this one was not drawn and not charged."""

    retryable = True


class NotSent(ProviderError):
    """The request never reached the provider, so nothing was charged."""

    retryable = True


class ProviderDown(ProviderError):
    """No usable answer came; whether it was charged is unknown."""

    retryable = True


class DownloadFailed(ProviderError):
    """The picture's bytes did not arrive whole; its address may still live."""

    retryable = True


class PictureExpired(DownloadFailed):
    """The picture's address is dead: only drawing it again helps."""


class PictureUnwelcome(DownloadFailed):
    """The bot will not read this picture; asking for it again changes nothing."""

    retryable = False


class PlatformError(BotError):
    """Slack or Discord did not take what was sent."""


class PlatformBusy(PlatformError):
    """A rate limit; `retry_after` is the platform's own figure."""

    retryable = True


class PlatformDown(PlatformError):
    """No usable answer from the platform."""

    retryable = True


class PlatformRefused(PlatformError):
    """A final no: repeating the request changes nothing."""


class NotInPlace(PlatformError):
    """The bot is no member of the channel; the text says how to invite it."""


class StorageError(BotError):
    """The disk, a folder or the database refused; the text names the remedy."""

    retryable = True


class AlreadyRunning(StorageError):
    """Another process works on this database."""

    retryable = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong setting: its variable, what it should look like, the remedy."""

    variable: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.expected} {self.remedy}"


class ConfigError(BotError):
    """Every wrong or missing setting at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"The settings need attention:\n{lines}")

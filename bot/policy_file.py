"""POLICY_FILE on disk, and the policy as it now stands: read anew when the file changes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from bot.callbacks.guard import Rules
from bot.errors import ConfigError, Problem, WrongInput
from bot.ideogram.catalog import MODELS
from bot.parsing.flags import RATIOS, SIZES
from bot.parsing.resolve import parse_request
from bot.parsing.values import read_model
from bot.policy.policy import Policy
from bot.policy.reading import read_policy
from bot.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=2)
_Stamp = tuple[int, int] | None  # of the file: when it was changed, and its size


class CurrentPolicy:
    """Gives the policy that holds; who reads the file anew replaces it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def __call__(self) -> Policy:
        """Give the policy that holds now."""
        return self._policy

    def replace(self, policy: Policy) -> None:
        """Let *policy* hold from now on."""
        self._policy = policy


class PolicyWatch:
    """Reads POLICY_FILE anew when it changes, or when told to; a broken one changes nothing."""

    def __init__(
        self,
        settings: Settings,
        current: CurrentPolicy,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._current = current
        self._pause = pause
        self._is_asked = False
        self._seen = _stamp(settings.policy_file)

    def ask(self) -> None:
        """Read it at the next look, changed or not (SIGHUP)."""
        self._is_asked = True

    async def watch(self) -> None:
        """Look every two seconds, for ever."""
        while True:
            await self._pause(LOOK_EVERY.total_seconds())
            await self.look()

    async def look(self) -> None:
        """Read the file if it is another one than at the last look."""
        now = await asyncio.to_thread(_stamp, self._settings.policy_file)
        if now == self._seen and not self._is_asked:
            return
        self._seen, self._is_asked = now, False
        try:
            policy = await asyncio.to_thread(load_policy, self._settings)
        except ConfigError as error:
            told = "; ".join(map(str, error.problems))
            log.error("POLICY_FILE is broken, the rules before it hold: %s", told)  # noqa: TRY400 - a sentence says it all
            return
        self._current.replace(policy)
        log.info("POLICY_FILE read anew", extra={"action": "policy"})


def load_policy(settings: Settings) -> Policy:
    """Read POLICY_FILE; without one there are no rules. Raises: ConfigError."""
    file = settings.policy_file
    if file is None:
        return Policy()
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        told = Problem("POLICY_FILE", "The file is no text in UTF-8.", "Save it so.")
        raise ConfigError([told]) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        told = Problem(
            "POLICY_FILE",
            f"The file cannot be read ({reason}).",
            "Correct the path, or remove the setting.",
        )
        raise ConfigError([told]) from error
    return read_text(text, settings)


def read_text(text: str, settings: Settings) -> Policy:
    """Read what stands in POLICY_FILE. Raises: ConfigError."""
    rules = Rules(is_private_allowed=settings.callback_allow_private)

    def read_url(typed: str) -> str:
        rules.check(typed)
        return typed

    def read_flags(typed: str) -> str:
        parse_request(
            "anything",
            models=MODELS,
            default_model=settings.ideogram_model,
            defaults=typed,
        )
        return typed

    policy = read_policy(
        text,
        read_model=lambda typed: read_model(typed, MODELS).name,
        read_size=_read_size,
        read_flags=read_flags,
        read_url=read_url,
    )
    # Tables and patterns are made at the first use: now, not before somebody's answer.
    policy.content.blocked_by("é")
    return policy


def _read_size(typed: str) -> str:
    """Give a ratio or a resolution of any model as records spell it. Raises: WrongInput."""
    for kind in (RATIOS, SIZES):
        spelled = kind.spell(typed)
        if any(spelled in kind.offered(model) for model in MODELS.values()):
            return spelled
    raise WrongInput("No model draws one of these sizes.")


def _stamp(file: Path | None) -> _Stamp:
    try:
        status = file.stat() if file else None
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size) if status else None

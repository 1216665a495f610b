"""POLICY_FILE on disk, and the policy as it now stands."""

from bot.errors import ConfigError, Problem
from bot.ideogram.catalog import MODELS
from bot.parsing.values import read_model
from bot.policy.policy import Policy
from bot.policy.reading import read_policy
from bot.settings import Settings


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
    return read_policy(text, read_model=lambda typed: read_model(typed, MODELS).name)

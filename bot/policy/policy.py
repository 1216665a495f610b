"""The operator's rules, as they are written in POLICY_FILE. Pure."""

from dataclasses import dataclass

from bot.policy.retention import RetentionRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Every section of the file; what it does not have is as if it were not there."""

    retention: tuple[RetentionRule, ...] = ()

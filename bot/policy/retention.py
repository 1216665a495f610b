"""How long a picture stays: the first rule that fits it decides. Pure.

RETENTION_DAYS holds for what no rule fits. Who asks knows which pictures are exempt: those
that are pinned, and those of a job that is not finished.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.people import Platform
from bot.domain.record import RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """What of a record decides how long it stays."""

    id: RecordId
    created_at: datetime
    platform: Platform
    workspace_id: str
    channel_id: str
    model: str
    tags: tuple[str, ...]
    is_safe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """Keep what fits for so long (None: for ever); all conditions given must hold."""

    keep_for: timedelta | None
    platform: Platform | None = None
    workspace_id: str | None = None
    channel_id: str | None = None
    tag: str | None = None
    model: str | None = None
    is_unsafe: bool | None = None

    def __str__(self) -> str:
        conditions = {
            "platform": self.platform,
            "workspace": self.workspace_id,
            "channel": self.channel_id,
            "tag": self.tag,
            "model": self.model,
        }
        words = [f"{name} {value}" for name, value in conditions.items() if value]
        if self.is_unsafe is not None:
            words.append("unsafe" if self.is_unsafe else "safe")
        return f"{', '.join(words) or 'everything'}: {_days(self.keep_for)}"

    def fits(self, picture: KeptPicture) -> bool:
        """Say whether this rule is about *picture*."""
        return (
            self.platform in {None, picture.platform}
            and self.workspace_id in {None, picture.workspace_id}
            and self.channel_id in {None, picture.channel_id}
            and (self.tag is None or self.tag in picture.tags)
            and self.model in {None, picture.model}
            and self.is_unsafe in {None, not picture.is_safe}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long everything stays: the rules in their order, and what holds otherwise."""

    rules: tuple[RetentionRule, ...] = ()
    otherwise: timedelta | None = None

    def rule_for(self, picture: KeptPicture) -> RetentionRule | None:
        """Give the rule that decides about *picture*; None where none fits."""
        return next((rule for rule in self.rules if rule.fits(picture)), None)

    def decided_by(self, picture: KeptPicture) -> str:
        """Give the name of what decides about *picture*, as a plan shows it."""
        for number, rule in enumerate(self.rules, start=1):
            if rule.fits(picture):
                return f"rule {number}: {rule}"
        return f"otherwise: {_days(self.otherwise)}"

    def keep_for(self, picture: KeptPicture) -> timedelta | None:
        """Give how long *picture* stays; None: for ever."""
        rule = self.rule_for(picture)
        return self.otherwise if rule is None else rule.keep_for

    def is_due(self, picture: KeptPicture, now: datetime) -> bool:
        """Say whether *picture*'s time is over at *now*; zero is over at once."""
        keep_for = self.keep_for(picture)
        return keep_for is not None and picture.created_at <= now - keep_for

    @property
    def longest(self) -> timedelta:
        """Give the longest time that ends; zero where none does."""
        known = [*(rule.keep_for for rule in self.rules), self.otherwise]
        return max((one for one in known if one is not None), default=timedelta(0))

    def newest_due(self, now: datetime) -> datetime | None:
        """Give the moment after which nothing is due; None when nothing ever is."""
        known = [*(rule.keep_for for rule in self.rules), self.otherwise]
        shortest = min((one for one in known if one is not None), default=None)
        return None if shortest is None else now - shortest


def _days(keep_for: timedelta | None) -> str:
    if keep_for is None:
        return "for ever"
    return "1 day" if keep_for.days == 1 else f"{keep_for.days} days"

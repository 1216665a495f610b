"""The operator's rules, as they are written in POLICY_FILE. Pure."""

from dataclasses import dataclass, field

from bot.domain.people import Platform
from bot.policy.budgets import Budget
from bot.policy.moderation import Content
from bot.policy.permissions import Permissions
from bot.policy.retention import RetentionRule
from bot.policy.who import Asker, Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Pictures of these are shown to moderators, in a channel, before they are posted."""

    who: Selector
    platform: Platform
    channel_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRule:
    """These may name a callback's address, or all of theirs go to `url`."""

    who: Selector
    url: str | None = None
    may_ask: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """Flags that hold for these where a prompt says nothing."""

    who: Selector
    flags: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Every section of the file; what it does not have is as if it were not there."""

    permissions: Permissions = field(default_factory=Permissions)
    budgets: tuple[Budget, ...] = ()
    content: Content = field(default_factory=Content)
    approvals: tuple[Approval, ...] = ()
    callbacks: tuple[CallbackRule, ...] = ()
    defaults: tuple[Defaults, ...] = ()
    retention: tuple[RetentionRule, ...] = ()
    audits_prompts: bool = False

    @property
    def groups(self) -> frozenset[str]:
        """Give every group and role that a rule names."""
        rules = (
            self.permissions.limits,
            self.budgets,
            self.approvals,
            self.callbacks,
            self.defaults,
        )
        named = [rule.who.groups for section in rules for rule in section]
        return self.permissions.allowed.groups.union(*named)

    def approval_for(self, asker: Asker) -> Approval | None:
        """Give where *asker*'s pictures are approved; None where they need not be."""
        if self.permissions.is_admin(asker):
            return None
        fitting = (
            one
            for one in self.approvals
            if one.who.fits(asker) and one.platform is asker.person.platform
        )
        return next(fitting, None)

    def callback_url(self, asker: Asker) -> str | None:
        """Give where *asker*'s callbacks go without being asked."""
        urls = (rule.url for rule in self.callbacks if rule.who.fits(asker))
        return next((url for url in urls if url), None)

    def may_ask_callbacks(self, asker: Asker) -> bool:
        """Say whether *asker* may name a callback's address."""
        return self.permissions.is_admin(asker) or any(
            rule.may_ask and rule.who.fits(asker) for rule in self.callbacks
        )

    def flags_for(self, asker: Asker) -> str:
        """Give the flags that hold for *asker* where they say nothing."""
        fitting = (one.flags for one in self.defaults if one.who.fits(asker))
        return next(fitting, "")

"""What the policy makes of one request: a denial, or what is drawn and set aside for it. Pure.

This is where the rules meet: who may what, what prompts may hold, and who pays.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.domain.budget import Hold
from bot.domain.people import Platform
from bot.domain.request import ImageRequest, MagicPrompt
from bot.policy.budgets import Each, holds, hourly
from bot.policy.permissions import Denial
from bot.policy.policy import Policy
from bot.policy.who import Asker

# Whoever sits at the terminal runs the bot: no rule about people is about them.
_TERMINALS = {Each.ALL, Each.WORKSPACE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request, and how it was made."""

    request: ImageRequest
    price: Decimal
    is_again: bool = False  # a final prompt that is drawn once more, as it is
    is_batch: bool = False
    has_callback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What is to be drawn, and what must be set aside for it."""

    request: ImageRequest
    holds: tuple[Hold, ...] = ()


def decide(policy: Policy, asker: Asker, wish: Wish, now: datetime) -> Grant | Denial:
    """Say what becomes of *wish*."""
    if asker.person.platform is Platform.TERMINAL:
        return Grant(request=wish.request, holds=_holds(policy, asker, wish, now))
    denial = policy.permissions.deny(
        asker, wish.request, is_batch=wish.is_batch, has_callback=wish.has_callback
    ) or _blocked(policy, wish.request)
    if denial is not None:
        return denial
    request = _with_magic(policy, wish)
    if isinstance(request, Denial):
        return request
    suffix = policy.content.suffix_for(request.prompt)
    return Grant(
        request=replace(request, suffix=suffix),
        holds=_holds(policy, asker, wish, now),
    )


def all_holds(
    policy: Policy, asker: Asker, *, cost: Decimal, pictures: int, now: datetime
) -> tuple[Hold, ...]:
    """Give what is set aside when *asker* spends *cost* on so many pictures."""
    if asker.person.platform is Platform.TERMINAL:
        shared = (one for one in policy.budgets if one.each in _TERMINALS)
        return holds(shared, asker, cost, now)
    money = holds(policy.budgets, asker, cost, now)
    limit = policy.permissions.pictures_an_hour(asker)
    if limit is None:
        return money
    return (*money, hourly(asker, pictures=pictures, limit=limit, now=now))


def _holds(policy: Policy, asker: Asker, wish: Wish, now: datetime) -> tuple[Hold, ...]:
    count = wish.request.count
    return all_holds(policy, asker, cost=wish.price, pictures=count, now=now)


def _blocked(policy: Policy, request: ImageRequest) -> Denial | None:
    rule = policy.content.blocked_by(request.prompt, request.negative_prompt)
    if rule is None:
        return None
    return Denial(
        rule=rule,
        text="Something in this prompt is not allowed here. Say it in other words, or "
        "ask whoever runs this bot.",
    )


def _with_magic(policy: Policy, wish: Wish) -> ImageRequest | Denial:
    """Give the request with a magic prompt that is allowed; `auto` is what nobody asks for."""
    request, allowed = wish.request, policy.content.magic
    asked = request.magic_prompt
    if asked in allowed or (wish.is_again and asked is MagicPrompt.OFF):
        return request
    if asked is MagicPrompt.AUTO:
        return replace(request, magic_prompt=allowed[0])
    names = ", ".join(one.lower() for one in allowed)
    return Denial(
        rule="magic",
        text=f"You may not use --magic {asked.lower()}. You may use: {names}.",
    )

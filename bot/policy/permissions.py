"""Who may use what. Pure: a request goes in, a denial with its rule comes out, or none."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.request import ImageRequest
from bot.policy.who import EVERYONE, Asker, Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """Why something is not allowed: the rule for the audit, a sentence for the person."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What those it is for may use; None: all of it. All limits that fit hold.

    `sizes` are ratios and resolutions as records spell them (`ASPECT_16_9`, `1024x1024`).
    """

    who: Selector = EVERYONE
    models: frozenset[str] | None = None
    sizes: frozenset[str] | None = None
    count: int | None = None
    pictures_an_hour: int | None = None
    batches: bool = True
    callbacks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """Who may draw at all, and within which limits. Admins always may.

    `admins` are `slack:U1`, `discord:123`: user ids with their platform.
    """

    admins: frozenset[str] = frozenset()
    allowed: Selector = EVERYONE
    limits: tuple[Limit, ...] = ()

    def is_admin(self, asker: Asker) -> bool:
        """Say whether *asker* is one of the admins."""
        person = asker.person
        return f"{person.platform}:{person.user_id}" in self.admins

    def shut_out(self, asker: Asker) -> Denial | None:
        """Say why *asker* may not use the bot at all; None when they may."""
        if self.is_admin(asker) or self.allowed.fits(asker):
            return None
        return Denial(
            rule="allowed",
            text="You may not use this bot here. Ask whoever runs it, or try another "
            "channel.",
        )

    def deny(
        self,
        asker: Asker,
        request: ImageRequest,
        *,
        is_batch: bool = False,
        has_callback: bool = False,
    ) -> Denial | None:
        """Say why *asker* may not have this drawn; None when they may."""
        if self.is_admin(asker):
            return None
        if (denial := self.shut_out(asker)) is not None:
            return denial
        limit = self.limit_for(asker)
        return _deny(limit, request, is_batch=is_batch, has_callback=has_callback)

    def limit_for(self, asker: Asker) -> Limit:
        """Give what all limits that fit *asker* let through together."""
        limits = [limit for limit in self.limits if limit.who.fits(asker)]
        return Limit(
            models=_common(limit.models for limit in limits),
            sizes=_common(limit.sizes for limit in limits),
            count=_least(limit.count for limit in limits),
            pictures_an_hour=_least(limit.pictures_an_hour for limit in limits),
            batches=all(limit.batches for limit in limits),
            callbacks=all(limit.callbacks for limit in limits),
        )

    def pictures_an_hour(self, asker: Asker) -> int | None:
        """Give how many pictures *asker* may have in an hour; None: as many as they like."""
        if self.is_admin(asker):
            return None
        return self.limit_for(asker).pictures_an_hour


def size_word(size: str) -> str:
    """Give a ratio or resolution of a record as people type it: `16:9`."""
    return size.removeprefix("ASPECT_").replace("_", ":")


def _common(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Give what is in all the sets there are; None where there are none."""
    given = [one for one in sets if one is not None]
    return frozenset.intersection(*given) if given else None


def _least(numbers: Iterable[int | None]) -> int | None:
    return min((number for number in numbers if number is not None), default=None)


def _deny(
    limit: Limit, request: ImageRequest, *, is_batch: bool, has_callback: bool
) -> Denial | None:
    size = request.resolution or request.aspect_ratio or "ASPECT_1_1"
    if limit.models is not None and request.model not in limit.models:
        allowed = ", ".join(sorted(limit.models)) or "none"
        return Denial(
            rule="models",
            text=f"You may not use {request.model}. You may use: {allowed}.",
        )
    if limit.sizes is not None and size not in limit.sizes:
        allowed = ", ".join(sorted(map(size_word, limit.sizes))) or "none"
        return Denial(
            rule="sizes",
            text=f"You may not use the size {size_word(size)}. You may use: {allowed}.",
        )
    if limit.count is not None and request.count > limit.count:
        return Denial(
            rule="count",
            text=f"You may ask for {limit.count} at a time, not {request.count}.",
        )
    if is_batch and not limit.batches:
        return Denial(rule="batches", text="You may not use batches.")
    if has_callback and not limit.callbacks:
        return Denial(rule="callbacks", text="You may not use --callback-url.")
    return None

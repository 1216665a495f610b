"""May this be drawn? The one place where a request meets the operator's rules.

`look` only decides; `require` also refuses, and notes each refusal in the audit log before
the person hears of it. The rules are asked for each time: they may be read anew meanwhile.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from bot.chat.commands import Origin
from bot.commands.calling_back import CallingBack, is_at_the_terminal
from bot.domain.audit import AuditEntry, Deed
from bot.domain.budget import Hold, Standing, Unit, dollars
from bot.domain.models import Models
from bot.domain.people import Platform
from bot.domain.request import ImageRequest
from bot.errors import BudgetExceeded, NotAllowed
from bot.parsing.refusal import NOTHING_DRAWN
from bot.policy.deciding import Grant, Wish, all_holds, decide
from bot.policy.moderation import Unsafe
from bot.policy.permissions import Denial
from bot.policy.policy import Policy
from bot.policy.who import Asker
from bot.ports.audit import Audit
from bot.ports.base import Clock, Once
from bot.ports.money import Ledger

_REVIEWED = (Platform.SLACK, Platform.DISCORD)
GROUPS_UNKNOWN = Denial(
    rule="groups",
    text="The bot does not know yet which groups you are in. Try again in a moment.",
)
NO_CALLBACKS = Denial(
    rule="callbacks",
    text="Callbacks are not open to you here. Leave --callback-url out, or ask whoever "
    "runs the bot to allow it.",
)


def asker_of(origin: Origin) -> Asker:
    """Give who asks, as rules see them; of unknown groups nobody is a member."""
    return Asker(person=origin.person, place=origin.place, groups=origin.groups or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """Where moderators approve a job's pictures, and whether unsafe ones are kept at all."""

    channel_id: str | None = None
    keeps_unsafe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitting:
    """Asks the policy in force, and writes down what it refuses."""

    models: Models
    clock: Clock
    ledger: Ledger
    audit: Audit
    once: Once
    policy: Callable[[], Policy] = Policy
    calling_back: CallingBack = field(default_factory=CallingBack)

    def look(
        self,
        origin: Origin,
        request: ImageRequest,
        *,
        is_again: bool = False,
        is_batch: bool = False,
        callback_url: str | None = None,
    ) -> Grant | Denial:
        """Say what becomes of *request*; *is_again* draws a final prompt once more."""
        denial = self._denied(origin, callback_url)
        if denial is not None:
            return denial
        wish = Wish(
            request=request,
            price=self._price(request),
            is_again=is_again,
            is_batch=is_batch,
            has_callback=callback_url is not None,
        )
        return decide(self.policy(), asker_of(origin), wish, self.clock.now())

    def as_drawn(self, origin: Origin, request: ImageRequest) -> ImageRequest:
        """Give the request that is drawn in the place of *request*, if any is."""
        found = self.look(origin, request)
        return found.request if isinstance(found, Grant) else request

    async def require(
        self,
        origin: Origin,
        request: ImageRequest,
        *,
        is_again: bool = False,
        callback_url: str | None = None,
    ) -> Grant:
        """Give what is to be drawn.

        Raises: NotAllowed; for the address of a callback WrongInput.
        """
        found = self.look(origin, request, is_again=is_again, callback_url=callback_url)
        if isinstance(found, Denial):
            raise await self.refuse(origin, found, request)
        if callback_url is not None:
            self.calling_back.check(origin, callback_url)
        return found

    async def admit(self, origin: Origin) -> None:
        """Say nothing when who asks may use the bot there. Raises: NotAllowed."""
        denial = self._denied(origin) or self._shut_out(origin)
        if denial is not None:
            raise await self.refuse(origin, denial)

    async def refuse(
        self, origin: Origin, denial: Denial, request: ImageRequest | None = None
    ) -> NotAllowed:
        """Write *denial* down; give the error to raise."""
        await self.note(origin, denial.rule, request)
        return NotAllowed(f"{denial.text} {NOTHING_DRAWN}")

    @asynccontextmanager
    async def paying(
        self, origin: Origin, request: ImageRequest | None = None
    ) -> AsyncIterator[None]:
        """Write down when a budget does not have what the block sets aside."""
        try:
            yield
        except BudgetExceeded as refused:
            await self.note(origin, refused.rule, request)
            raise

    async def note(
        self, origin: Origin, rule: str, request: ImageRequest | None = None
    ) -> None:
        """Write down that *rule* refused what was asked for."""
        details = ""
        if request is not None:
            details = f"{request.model}, {request.count}"
            if self.policy().audits_prompts:
                words = (request.prompt, request.negative_prompt)
                details = ": ".join([details, " --no ".join(filter(None, words))])
        await self.audit.add(
            AuditEntry(
                at=self.clock.now(),
                person=origin.person,
                channel_id=origin.place.channel_id,
                deed=Deed.REFUSED,
                rule=rule,
                details=details,
            )
        )

    async def told_of_money(self, holds: Sequence[Hold]) -> tuple[str, list[str]]:
        """Give what is left of the tightest budget, and warnings that nobody had yet."""
        money = [hold for hold in holds if hold.unit is Unit.MICROS]
        if not money:
            return "", []
        standings = await self.ledger.standings([hold.account for hold in money])
        left = {hold.account: hold.left(standings[hold.account]) for hold in money}
        tightest = min(money, key=lambda hold: left[hold.account])
        warnings = [
            hold.warning(standings[hold.account])
            for hold in money
            if hold.is_near(standings[hold.account])
            and await self.once.first(
                f"warned:{hold.account.budget}:{hold.account.period}"
            )
        ]
        return f"{dollars(left[tightest.account])} left {tightest.span}", warnings

    async def standings(self, origin: Origin) -> list[tuple[Hold, Standing]]:
        """Give how each budget of who asks stands, tightest first."""
        holds = all_holds(
            self.policy(),
            asker_of(origin),
            cost=Decimal(0),
            pictures=0,
            now=self.clock.now(),
        )
        if not holds:
            return []
        found = await self.ledger.standings([hold.account for hold in holds])
        return [(hold, found[hold.account]) for hold in holds]

    def reviewing(self, origin: Origin) -> Reviewing:
        """Give what happens to pictures of who asks before they are posted."""
        policy, person = self.policy(), origin.person
        if person.platform not in _REVIEWED:
            return Reviewing()
        approval = policy.approval_for(asker_of(origin))
        unsafe = policy.content.unsafe
        return Reviewing(
            channel_id=approval.channel_id if approval else None,
            keeps_unsafe=unsafe is Unsafe.SPOILER
            or (unsafe is Unsafe.ADMINS and approval is not None),
        )

    def holds(self, origin: Origin, request: ImageRequest) -> tuple[Hold, ...]:
        """Give what must be set aside for *request*, which was granted before."""
        return all_holds(
            self.policy(),
            asker_of(origin),
            cost=self._price(request),
            pictures=request.count,
            now=self.clock.now(),
        )

    async def left_of(self, origin: Origin) -> str:
        """Give what the tightest budget has left: `$3.20 left today`; else nothing."""
        money = [
            (hold.left(standing), hold.span)
            for hold, standing in await self.standings(origin)
            if hold.unit is Unit.MICROS
        ]
        return f"{dollars(min(money)[0])} left {min(money)[1]}" if money else ""

    def flags_for(self, origin: Origin) -> str:
        """Give the flags that hold where nothing is said."""
        return self.policy().flags_for(asker_of(origin))

    def callback_url(self, origin: Origin, asked: str | None) -> str | None:
        """Give whom to tell: the address *asked* for, else the one of a rule."""
        return asked or self.policy().callback_url(asker_of(origin))

    def _price(self, request: ImageRequest) -> Decimal:
        model = self.models[request.model]
        return model.price(request.rendering_speed) * request.count

    def _denied(self, origin: Origin, callback_url: str | None = None) -> Denial | None:
        if is_at_the_terminal(origin):
            return None
        policy = self.policy()
        if origin.groups is None and policy.groups:
            return GROUPS_UNKNOWN
        if callback_url is not None and not self.calling_back.is_allowed(origin):
            return NO_CALLBACKS
        return None

    def _shut_out(self, origin: Origin) -> Denial | None:
        if is_at_the_terminal(origin):
            return None
        return self.policy().permissions.shut_out(asker_of(origin))

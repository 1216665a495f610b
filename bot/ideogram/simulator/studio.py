"""The simulator's memory and its one act: a request that holds becomes an answer.

Pictures are remembered by their address and drawn when they are downloaded.
"""

import base64
import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.domain.request import MAX_SEED, MagicPrompt
from bot.ideogram.simulator import magic
from bot.ideogram.simulator.checks import Asked
from bot.ideogram.simulator.drawing import draw_picture
from bot.ideogram.simulator.faults import Faults, Received
from bot.ideogram.simulator.picture import Picture
from bot.ports.base import Clock

_REMEMBERED = 10_000
_SECRET_BYTES = 32


@dataclass(slots=True)
class _Ticket:
    """A good answer that is given when it was asked for often and long enough."""

    answer: dict[str, Any]
    questions: int
    done_at: datetime


@dataclass(slots=True, kw_only=True)
class Studio:
    """One simulated service: its settings, faults and memory.

    *keys* is the JWK set that webhooks are signed with (the simulator sends none itself);
    *delay* is what drawing takes; *polls* makes Pixazo's path answer with a ticket (None:
    the answer at once), and is how many questions a ticket needs; *draw* makes a picture's
    bytes.
    """

    clock: Clock
    api_key: str = "sandbox"
    delay: timedelta = timedelta(0)
    max_in_flight: int = 10
    polls: int | None = None
    url_lifetime: timedelta = timedelta(hours=1)
    draw: Callable[[Picture], bytes] = draw_picture
    keys: list[dict[str, str]] = field(default_factory=list)
    sends_unsafe: bool = False  # pictures too that fail the safety check
    faults: Faults = field(default_factory=Faults)
    received: deque[Received] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    in_flight: int = 0
    most_in_flight: int = 0
    _pictures: OrderedDict[str, Picture] = field(default_factory=OrderedDict)
    _tickets: dict[str, _Ticket] = field(default_factory=dict)
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(_SECRET_BYTES))
    _variant: int = field(default_factory=lambda: secrets.randbelow(magic.VARIANTS))

    def answer(self, asked: Asked, base_url: str) -> dict[str, Any]:
        """Give the body of a good answer to *asked*, keys sorted as the service sorts."""
        first = secrets.randbelow(MAX_SEED + 1) if asked.seed is None else asked.seed
        items = [
            self._item(asked, (first + index) % (MAX_SEED + 1), base_url)
            for index in range(asked.count)
        ]
        return {
            "created": self.clock.now().isoformat(timespec="microseconds"),
            "data": items,
        }

    def picture(self, picture_id: str) -> Picture | None:
        """Give the picture that an address stands for."""
        return self._pictures.get(picture_id)

    def is_signed(self, picture_id: str, exp: str, sig: str) -> bool:
        """Say whether an address is the simulator's own and still lives."""
        own = self._sign(picture_id, exp).encode()
        if not hmac.compare_digest(sig.encode(), own):
            return False
        return int(exp) > self.clock.now().timestamp()

    def take_ticket(
        self, answer: dict[str, Any], *, takes: timedelta = timedelta(0)
    ) -> str:
        """Keep a good answer for those who ask for it later; *takes* is how much later."""
        ticket = self._new_id()
        done_at = self.clock.now() + takes
        self._tickets[ticket] = _Ticket(answer, self.polls or 0, done_at)
        return ticket

    def poll(self, ticket: str) -> dict[str, Any] | None:
        """Give the answer of a ticket, {} before it is done; None for a ticket of nobody's."""
        kept = self._tickets.get(ticket)
        if kept is None:
            return None
        kept.questions -= 1
        is_done = kept.questions < 0 and self.clock.now() >= kept.done_at
        return kept.answer if is_done else {}

    def finish(self, ticket: str) -> None:
        """Let a ticket be done when it is next asked for."""
        self._tickets[ticket].questions = 0

    @property
    def drawing(self) -> int:
        """Count what is drawn at this moment, for those who wait and those who will ask."""
        now = self.clock.now()
        return self.in_flight + sum(t.done_at > now for t in self._tickets.values())

    def _item(self, asked: Asked, seed: int, base_url: str) -> dict[str, Any]:
        picture = self._compose(asked, seed)
        is_safe = "unsafe" not in asked.prompt.lower()
        item = {
            "is_image_safe": is_safe,
            "prompt": picture.prompt,
            "resolution": asked.size,
            "seed": seed,
        }
        if picture.style:
            item["style_type"] = picture.style
        is_sent = is_safe or self.sends_unsafe
        item["url"] = self._publish(picture, base_url) if is_sent else None
        return item

    def _compose(self, asked: Asked, seed: int) -> Picture:
        prompt = asked.prompt
        if asked.magic is not MagicPrompt.OFF:
            prompt = magic.expand(prompt, self._variant)
            self._variant += 1
        width, height = map(int, asked.size.split("x"))
        return Picture(
            prompt=prompt,
            seed=seed,
            model=asked.model.name,
            width=width,
            height=height,
            style=_resolve_style(asked, prompt),
            palette=asked.palette,
            negative_prompt=asked.negative_prompt,
            speed=(asked.speed or "DEFAULT") if asked.model.speeds else None,
        )

    def _publish(self, picture: Picture, base_url: str) -> str:
        picture_id = self._new_id()
        self._pictures[picture_id] = picture
        while len(self._pictures) > _REMEMBERED:
            self._pictures.popitem(last=False)
        exp = str(int((self.clock.now() + self.url_lifetime).timestamp()))
        sig = self._sign(picture_id, exp)
        address = f"{base_url.rstrip('/')}/api/images/ephemeral/{picture_id}.png"
        return f"{address}?exp={exp}&sig={sig}"

    def _sign(self, picture_id: str, exp: str) -> str:
        message = f"{picture_id}\n{exp}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    def _new_id(self) -> str:
        return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")


def _resolve_style(asked: Asked, prompt: str) -> str | None:
    """Give the style to draw in; AUTO becomes one that fits the prompt, always the same."""
    styles = [style for style in asked.model.styles if style != "AUTO"]
    if not styles or asked.style in styles:
        return asked.style
    return styles[hashlib.sha256(prompt.encode()).digest()[0] % len(styles)]

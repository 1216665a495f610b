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
from datetime import timedelta
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


@dataclass(slots=True, kw_only=True)
class Studio:
    """One simulated service: its settings, faults and memory.

    *delay* is what drawing takes; *polls* makes Pixazo's path answer with a ticket that
    needs so many questions (None: the answer at once); *draw* makes a picture's bytes.
    """

    clock: Clock
    api_key: str = "sandbox"
    delay: timedelta = timedelta(0)
    max_in_flight: int = 10
    polls: int | None = None
    url_lifetime: timedelta = timedelta(hours=1)
    draw: Callable[[Picture], bytes] = draw_picture
    sends_unsafe: bool = False  # pictures too that fail the safety check
    faults: Faults = field(default_factory=Faults)
    received: deque[Received] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    in_flight: int = 0
    most_in_flight: int = 0
    _pictures: OrderedDict[str, Picture] = field(default_factory=OrderedDict)
    _tickets: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
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

    def take_ticket(self, answer: dict[str, Any]) -> str:
        """Keep a good answer for those who ask for it later."""
        ticket = self._new_id()
        self._tickets[ticket] = (self.polls or 0, answer)
        return ticket

    def poll(self, ticket: str) -> dict[str, Any] | None:
        """Give how a ticket stands; None for one that was never given out."""
        if ticket not in self._tickets:
            return None
        left, answer = self._tickets[ticket]
        self._tickets[ticket] = (left - 1, answer)
        if left > 0:
            return {"job_set_id": ticket, "status": "processing"}
        return {"job_set_id": ticket, "status": "completed", **answer}

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

"""An Ideogram that remembers, for tests of the pipeline alone."""

import asyncio
from collections import deque

from bot.domain.drawing import Drawn, DrawnImage, Ticket
from bot.domain.request import ImageRequest
from bot.errors import BotError, DownloadFailed
from bot.ports.files import Incoming

PNG = b"\x89PNG\r\n\x1a\n"


class FakeImages:
    """Draws bytes that are a function of prompt and seed; scripted by `answers`."""

    def __init__(self) -> None:
        self.requests: list[ImageRequest] = []
        self.collected: list[str] = []
        self.downloads: list[str] = []
        self.answers: deque[BotError | Drawn | Ticket] = deque()
        self.download_faults: deque[BotError] = deque()
        self.lost: set[str] = set()  # addresses that never give a picture
        self.picture: bytes | None = None  # what every address gives, in place of bytes
        self.gate = asyncio.Event()  # calls wait for it
        self.gate.set()
        self.most_at_once = 0
        self._now = 0

    async def draw(self, request: ImageRequest) -> Drawn | Ticket:
        self.requests.append(request)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await self.gate.wait()
        finally:
            self._now -= 1
        answer = self.answers.popleft() if self.answers else drawn(request)
        if isinstance(answer, BotError):
            raise answer
        return answer

    async def collect(self, ticket: Ticket) -> Drawn:
        self.collected.append(ticket.id)
        answer = self.answers.popleft()
        assert isinstance(answer, Drawn)
        return answer

    async def download(self, url: str, into: Incoming) -> str:
        self.downloads.append(url)
        if url in self.lost:
            raise DownloadFailed("Not a picture.")
        if self.download_faults:
            raise self.download_faults.popleft()
        await into.write(self.picture or PNG + url.encode())
        return "image/png"


def drawn(request: ImageRequest, **changes) -> Drawn:
    """Give the answer to *request*, one picture for each it counts."""
    seeds = [request.seed + k for k in range(request.count)]
    return Drawn(
        images=tuple(
            DrawnImage(
                **{
                    "url": f"http://pictures/{request.prompt}/{seed}",
                    "prompt": request.sent_prompt,
                    "seed": seed,
                    "resolution": "1024x1024",
                    "is_safe": True,
                    **changes,
                }
            )
            for seed in seeds
        )
    )

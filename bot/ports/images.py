"""Ideogram, as the core needs it. Pure.

Every method may raise the errors of bot/errors.py and no other; named are the ones to
expect.
"""

from typing import Protocol

from bot.domain.drawing import Drawn, Ticket
from bot.domain.request import ImageRequest
from bot.ports.files import Incoming


class ImageService(Protocol):
    """Ideogram over one route."""

    async def draw(self, request: ImageRequest) -> Drawn | Ticket:
        """Make one paid call; it is sent once, whatever the answer.

        Raises: ProviderError; ProviderBusy and NotSent mean that nothing was drawn.
        """

    async def collect(self, ticket: Ticket) -> Drawn:
        """Wait for a call that answered with a ticket; costs nothing more.

        Raises: ProviderError.
        """

    async def download(self, url: str, into: "Incoming") -> str:
        """Stream the picture at *url* into *into*; give its content type (`image/png`).

        Raises: DownloadFailed, PictureExpired.
        """

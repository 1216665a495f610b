"""Discord's file host: what people attached to a command, by a signed address.

It has nothing to do with the REST API: it takes no token, and it must not be given one.
"""

import mimetypes

from aiohttp import web

from tests.fakes.discord.world import Attachment, Channel, World

_SIGNED = "ex=6764b5d0&is=67636450&hm=5f0c"


class Cdn:
    """Serves attachments; *fault* is a status that it answers with instead."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.fault: int | None = None
        self.served = 0

    def routes(self) -> list[web.RouteDef]:
        path = "/ephemeral-attachments/{channel}/{attachment}/{filename}"
        return [web.get(path, self.serve)]

    async def serve(self, request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        found = self._world.attached.get(int(request.match_info["attachment"]))
        if found is None or {"ex", "is", "hm"} - request.query.keys():
            return web.Response(status=404, text="This content is no longer available.")
        if self.fault:
            address = {"Location": str(request.url.with_path("/elsewhere"))}
            return web.Response(status=self.fault, headers=address)
        self.served += 1
        return web.Response(body=found.content, content_type=found.content_type)


def attach(
    world: World, channel: Channel, filename: str, content: bytes
) -> dict[str, object]:
    """Upload a file as a person's client does; give it as an interaction tells of it."""
    kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    made = Attachment(
        id=world.next_id(),
        filename=filename,
        content=content,
        content_type=kind,
        description=None,
    )
    world.attached[made.id] = made
    path = f"/ephemeral-attachments/{channel.id}/{made.id}/{filename}"
    url = f"{world.cdn}{path}?{_SIGNED}"
    return {
        "id": str(made.id),
        "filename": filename,
        "size": len(content),
        "url": url,
        "proxy_url": url,
        "content_type": kind,
        "ephemeral": True,
    }

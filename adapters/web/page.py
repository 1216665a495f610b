"""The chat page's routes: thin; each reads, asks the core, and shows.

Who asks is known by a cookie. What a person sent is answered in the channel, through
the stream; only a form to fill in is the answer's body.
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from adapters.web import people
from adapters.web.channel import Channel
from adapters.web.conversation import Conversation
from adapters.web.entries import PLACE, BatchPost, batch_entry_id, person_of
from adapters.web.history import FindJob, PostedEarlier
from adapters.web.parse import read_sent
from adapters.web.pictures import Pictures
from adapters.web.stream import event_stream
from adapters.web.view import catalogue_json, entry_json
from bot.chat.catalogue import Catalogue
from bot.domain.job import BatchId
from bot.domain.people import Person
from bot.domain.record import RecordId
from bot.errors import BotError, NotFound, WrongInput
from bot.ports.base import Clock, Dispatch
from bot.ports.files import Files
from bot.ports.records import Copies, Records

_HERE = Path(__file__).parent
SEND = "/api/send"
MAX_BODY = 12 * 1024 * 1024  # a batch of 5 MiB, as JSON
_FRESH = {"Cache-Control": "no-store"}

Answering = Callable[[Request, Person], Awaitable[Response]]


class ChatPage:
    """The page, its data and its pictures."""

    def __init__(
        self,
        *,
        dispatch: Dispatch,
        channel: Channel,
        records: Records,
        files: Files,
        copies: Copies,
        find_job: FindJob,
        catalogue: Catalogue,
        clock: Clock,
        new_token: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self._channel = channel
        self._earlier = PostedEarlier(records=records, find_job=find_job)
        self._pictures = Pictures(records=records, files=files, copies=copies)
        self._conversation = Conversation(
            dispatch=dispatch,
            channel=channel,
            records=records,
            earlier=self._earlier,
            clock=clock,
        )
        self._catalogue = catalogue_json(catalogue)
        self._new_token = new_token
        loader = FileSystemLoader(_HERE / "templates")
        self._templates = Environment(loader=loader, autoescape=True)

    def app(self) -> Starlette:
        """Give what the page is made of."""
        return Starlette(routes=self._routes(), exception_handlers={BotError: _failed})

    def _routes(self) -> list[BaseRoute]:
        return [
            Route("/", self._known(self._index)),
            Route("/api/state", self._known(self._state)),
            Route("/api/earlier", self._known(self._earlier_page)),
            Route(SEND, self._known(self._send), methods=["POST"]),
            Route("/events", self._known(self._events)),
            Route("/pictures/{record_id}", self._known(self._picture)),
            Route("/pictures/{record_id}/{form}", self._known(self._copy)),
            Route("/batches/{batch_id}/results.csv", self._known(self._table)),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ]

    def _known(self, answer: Answering) -> Callable[[Request], Awaitable[Response]]:
        """Let *answer* know who asks, and a newcomer keep the token of who they are."""

        async def handle(request: Request) -> Response:
            token = request.cookies.get(people.COOKIE)
            if people.is_token(token):
                return await answer(request, person_of(people.user_id(token)))
            token = self._new_token()
            response = await answer(request, person_of(people.user_id(token)))
            response.set_cookie(
                people.COOKIE,
                token,
                max_age=people.COOKIE_SECONDS,
                httponly=True,
                samesite="strict",
            )
            return response

        return handle

    async def _index(self, _request: Request, _person: Person) -> Response:
        page = self._templates.get_template("page.html")
        return HTMLResponse(page.render(channel=PLACE.channel_id), headers=_FRESH)

    async def _state(self, _request: Request, person: Person) -> Response:
        """Give all there is to show; the stream goes on from `position`."""
        position = self._channel.position
        earlier = await self._earlier.page(person)
        # What changed while the records were read comes again with the stream.
        live = self._channel.entries_for(person.user_id)
        known = {entry.id for _, entry in live}
        entries = [(0, e) for e in earlier.entries if e.id not in known] + live
        return JSONResponse(
            {
                "you": {
                    "id": person.user_id,
                    "name": people.display_name(person.user_id),
                },
                "entries": [entry_json(*each) for each in entries],
                "earlier": earlier.cursor,
                "position": position,
                "catalogue": self._catalogue,
            },
            headers=_FRESH,
        )

    async def _earlier_page(self, request: Request, person: Person) -> Response:
        cursor = RecordId(request.query_params.get("cursor", ""))
        page = await self._earlier.page(person, cursor or None)
        entries = [entry_json(0, entry) for entry in page.entries]
        return JSONResponse(
            {"entries": entries, "earlier": page.cursor}, headers=_FRESH
        )

    async def _send(self, request: Request, person: Person) -> Response:
        try:
            sent = read_sent(await _read_json(request), person)
        except WrongInput as error:
            raise HTTPException(400, error.text) from error
        form = await self._conversation.take(sent, person)
        return JSONResponse({"form": form}, headers=_FRESH)

    async def _events(self, request: Request, person: Person) -> Response:
        after = request.headers.get("last-event-id") or request.query_params.get(
            "after"
        )
        return event_stream(self._channel, person.user_id, after=after)

    async def _picture(self, request: Request, person: Person) -> Response:
        response = await self._pictures.response(
            request.path_params["record_id"], person
        )
        if response is None:
            raise HTTPException(404, "There is no such picture.")
        return response

    async def _table(self, request: Request, _person: Person) -> Response:
        """Give what became of a batch's lines, as long as its entry is shown."""
        batch = BatchId(request.path_params["batch_id"])
        entry = self._channel.find(batch_entry_id(batch))
        if not isinstance(entry, BatchPost) or entry.table is None:
            raise HTTPException(404, "This table is no longer kept.")
        headers = {
            **_FRESH,
            "Content-Disposition": 'attachment; filename="results.csv"',
        }
        return Response(entry.table, media_type="text/csv", headers=headers)

    async def _copy(self, request: Request, person: Person) -> Response:
        named = request.path_params
        response = await self._pictures.copy(named["record_id"], named["form"], person)
        if response is None:
            raise HTTPException(404, "There is no such picture.")
        return response


async def _failed(_request: Request, error: Exception) -> Response:
    """Tell the page what the disk or the database said."""
    text = error.text if isinstance(error, BotError) else "Something went wrong."
    status = 404 if isinstance(error, NotFound) else 503
    return PlainTextResponse(text, status_code=status, headers=_FRESH)


async def _read_json(request: Request) -> Mapping[str, Any]:
    """Read the body. A foreign page's form cannot send JSON; a large body is no message."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "Send JSON.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, "That is too long.")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WrongInput("The body is no JSON.") from error
    if not isinstance(value, dict):
        raise WrongInput("The body must be a JSON object.")
    return value

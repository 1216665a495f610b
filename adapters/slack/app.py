"""Slack, inward: signs in, listens over Socket Mode, signed HTTP or both, and stops in order.

What Slack sends goes through slack-bolt to listen.py. The answer to each request is sent
when its listener has returned (`process_before_response`): by then the job is written down.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from types import TracebackType
from typing import Self

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapters.slack.groups import KnownGroups
from adapters.slack.identity import Identity
from adapters.slack.intake import Intake
from adapters.slack.listen import AfterAck, Listeners
from adapters.slack.notes import PrivateNotes
from adapters.slack.origins import Origins
from adapters.slack.places import KnownPlaces
from adapters.slack.refusals import Refused, wrong_token
from adapters.slack.socket import Socket
from adapters.slack.web import SlackWeb
from bot.errors import ConfigError, PlatformBusy, PlatformDown
from bot.ports.base import Dispatch

_ACK_GRACE_S = 3.0  # Slack's own deadline: nobody waits longer for an acknowledgement
_LAST_NOTES_S = 5.0
_TRY_AGAIN_S = 10.0

# What comes of a body that is none of Slack's, or is cut off.
_UNREADABLE = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RecursionError,
    ClientDisconnect,
)

log = logging.getLogger(__name__)


class SlackApp:
    """The app in one workspace; listens while entered."""

    def __init__(
        self,
        *,
        web: SlackWeb,
        notes: PrivateNotes,
        dispatch: Dispatch,
        app_token: str | None = None,
        signing_secret: str | None = None,
        named_groups: Callable[[], frozenset[str]] = frozenset,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._web = web
        self._notes = notes
        self._dispatch = dispatch
        self._app_token = app_token
        self._signing_secret = signing_secret
        self._sleep = sleep
        self._intake = Intake()
        self._places = KnownPlaces()
        self._groups = KnownGroups(named_groups)
        self._tasks = asyncio.TaskGroup()
        self._background: list[asyncio.Task[None]] = []
        self._bolt: AsyncApp | None = None
        self._http: AsyncSlackRequestHandler | None = None
        self._socket: Socket | None = None

    @property
    def is_connected(self) -> bool:
        """Say whether Slack's commands reach the bot now."""
        if self._bolt is None or not self._intake.is_open:
            return False
        return self._app_token is None or (
            self._socket is not None and self._socket.is_open
        )

    async def __aenter__(self) -> Self:
        """Sign in and connect; when Slack is not there, go on trying. Raises: ConfigError."""
        await self._tasks.__aenter__()
        try:
            await self._start()
        except (PlatformDown, PlatformBusy) as error:
            log.warning("Slack: %s Trying again until it is there.", error.text)
            self._spawn(self._start_later)
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close_intake()
        await self._leave()

    async def _leave(self) -> None:
        for task in self._background:
            task.cancel()
        try:
            async with asyncio.timeout(_LAST_NOTES_S):
                await self._tasks.__aexit__(None, None, None)
        except TimeoutError:
            log.info("Slack: some private notes were not sent")

    async def close_intake(self) -> None:
        """Take nothing new: acknowledge what is inside, then leave. Posting goes on."""
        try:
            async with asyncio.timeout(_ACK_GRACE_S):
                await self._intake.close()
        except TimeoutError:
            log.warning("Slack: a request was not acknowledged before the stop")
        for task in self._background:
            task.cancel()
        if self._socket is not None:
            await self._socket.close()

    async def handle_http(self, request: Request) -> Response:
        """Answer `POST /slack/events`: commands, events and interactions, signed by Slack."""
        if self._http is None or not self._intake.is_open:
            return Response(status_code=503)
        with self._intake.one():
            after: AfterAck = []
            try:
                answer = await self._http.handle(request, {"after_ack": after})
            except _UNREADABLE as error:
                # Bolt reads the body before it looks at the signature.
                log.warning(
                    "A request to /slack/events made no sense (%s)",
                    type(error).__name__,
                )
                return Response(status_code=400)
        if after:
            answer.background = BackgroundTask(self._run_after_answer, after)
        return answer

    # --- starting -------------------------------------------------------------------

    async def _start(self) -> None:
        """Raises: ConfigError, PlatformDown, PlatformBusy."""
        if self._bolt is None:
            try:
                identity = await self._web.sign_in()
            except Refused as refused:
                raise wrong_token("SLACK_BOT_TOKEN", refused) from refused
            self._listen_as(identity)
            self._spawn(partial(self._places.learn_all, self._web))
            self._spawn(partial(self._groups.watch, self._web))
        if self._socket is not None:
            await self._socket.open()
            self._spawn(self._socket.watch)

    async def _start_later(self) -> None:
        while True:
            await self._sleep(_TRY_AGAIN_S)
            try:
                return await self._start()
            except (PlatformDown, PlatformBusy) as error:
                log.warning("Slack: %s", error.text)
            except ConfigError as error:
                log.error("Slack: %s", error.text)  # noqa: TRY400 - a sentence says it all

    def _listen_as(self, identity: Identity) -> None:
        bolt = self._make_bolt(identity)
        origins = Origins(identity=identity, places=self._places, groups=self._groups)
        Listeners(
            dispatch=self._dispatch,
            identity=identity,
            origins=origins,
            notes=self._notes,
            web=self._web,
        ).attach(bolt)
        self._bolt = bolt
        if self._signing_secret:  # without one, anybody could sign
            self._http = AsyncSlackRequestHandler(bolt)
        if self._app_token:
            self._socket = Socket(
                web=self._web,
                app_token=self._app_token,
                bolt=bolt,
                intake=self._intake,
                after=self._run_later,
                sleep=self._sleep,
            )

    def _make_bolt(self, identity: Identity) -> AsyncApp:
        """Give slack-bolt that asks Slack nothing before it acknowledges."""

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None,
                team_id=identity.team_id,
                bot_token=self._web.bot_token,
                bot_id=identity.bot_id,
                bot_user_id=identity.bot_user_id,
            )

        return AsyncApp(
            name="ideogram-bot",
            logger=_bolt_logger(),
            client=self._web.make_client(token=None),
            authorize=authorize,
            signing_secret=self._signing_secret or "",
            process_before_response=True,
        )

    # --- after an acknowledgement ------------------------------------------------------

    async def _run_after_answer(self, after: AfterAck) -> None:
        self._run_later(after)

    def _run_later(self, after: AfterAck) -> None:
        for work in after:
            self._tasks.create_task(_guard(work))

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        self._background.append(self._tasks.create_task(_guard(work)))


def _bolt_logger() -> logging.Logger:
    """Give slack-bolt's log: it warns of its own environment variables and of unknown events."""
    logger = logging.getLogger("adapters.slack.bolt")
    logger.setLevel(logging.ERROR)
    return logger


async def _guard(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception:  # what comes after an acknowledgement must not stop the bot
        log.exception("A fault of the bot", extra={"action": "slack"})

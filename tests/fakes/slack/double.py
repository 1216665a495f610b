"""Slack on this machine: Web API, Socket Mode, signed HTTP, and people who use it.

Everything goes over sockets, so that the app under test may be another process:
`SLACK_BASE_URL` is `slack.base_url`. What people see is kept: `messages`, `notes`, `views`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.fakes.serving import serving
from tests.fakes.slack import payloads
from tests.fakes.slack.delivery import Ack, Delivery, SignedHttp, SocketMode
from tests.fakes.slack.faults import Fault, Faults
from tests.fakes.slack.model import BOT_USER, Channel, Message, Note, View, Workspace
from tests.fakes.slack.webapi import APP_TOKEN, BOT_TOKEN, WebApi

PUBLIC = "C0PUBLIC"
_PATIENCE_S = 20.0


class SlackDouble:
    """A workspace, its people, and the ways to the app."""

    bot_token = BOT_TOKEN
    app_token = APP_TOKEN
    bot_user = BOT_USER

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self.workspace = Workspace()
        self.faults = Faults()
        self.api = WebApi(workspace=self.workspace, faults=self.faults)
        self.api.joined = self._tell_joined
        self.socket = SocketMode(is_ticket=self._use_ticket)
        self.http = SignedHttp()
        self.via = "socket"  # or "http": how payloads go when both are open
        self.base_url = ""
        self._tasks = tasks
        self._telling: list[asyncio.Task[Ack]] = []
        self._changed = asyncio.Condition()

    # --- what can be seen -----------------------------------------------------------

    def messages(self, channel: str = PUBLIC, *, user: str = BOT_USER) -> list[Message]:
        """Give what the bot (or another *user*) said in a channel."""
        return [m for m in self.workspace.channels[channel].messages if m.user == user]

    @property
    def notes(self) -> list[Note]:
        """Give the private notes of everybody, oldest first."""
        return self.workspace.notes

    @property
    def views(self) -> list[View]:
        """Give the modals that were opened."""
        return self.workspace.views

    async def wait_for_message(
        self, channel: str = PUBLIC, *, count: int = 1
    ) -> Message:
        """Wait until the bot has said *count* things in a channel; give the last one."""
        await self.until(lambda: len(self.messages(channel)) >= count)
        return self.messages(channel)[count - 1]

    async def wait_for_note(self, words: str) -> Note:
        """Wait for a private note that holds *words*."""
        await self.until(lambda: any(words in note.text for note in self.notes))
        return next(note for note in self.notes if words in note.text)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until *holds()* is true."""
        async with asyncio.timeout(_PATIENCE_S), self._changed:
            await self._changed.wait_for(holds)

    @web.middleware
    async def tell_change(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Wake those who wait, after each request."""
        try:
            return await handler(request)
        finally:
            await self._tell_change()

    async def _tell_change(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def wait_connected(self) -> None:
        """Wait until the app has its websocket."""
        await asyncio.wait_for(self.socket.connected.wait(), _PATIENCE_S)

    # --- what people do ---------------------------------------------------------------

    async def slash(
        self, text: str, *, user: str = "U1", channel: str = PUBLIC, **changes: Any
    ) -> Ack:
        """Type a slash command."""
        payload = payloads.slash(
            text,
            team=self.workspace.team,
            user=user,
            channel=self._channel(channel),
            trigger_id=self.api.new_trigger(user),
            response_url=self.api.new_response_url(
                "commands", user=user, channel=channel
            ),
        )
        ack = await self._deliver("slash_commands", payload | changes)
        if ack.body:
            self.api.take_note("ack", {"user": user, "channel": channel}, ack.body)
            await self._tell_change()
        return ack

    async def mention(
        self,
        text: str,
        *,
        user: str = "U1",
        channel: str = PUBLIC,
        thread: Message | None = None,
        files: Sequence[dict[str, Any]] = (),
    ) -> tuple[Message, Ack]:
        """Say something to the bot; both `app_mention` and `message` are sent."""
        said = self._say(f"<@{BOT_USER}> {text}", user, channel, thread)
        team = self.workspace.team
        more = {"files": list(files), "subtype": "file_share"} if files else {}
        acks = [await self.send_event(payloads.app_mention(said, team=team) | more)]
        acks.append(await self.send_event(self._message_event(said) | more))
        return said, acks[0]

    async def say(
        self,
        text: str,
        *,
        user: str = "U1",
        channel: str = PUBLIC,
        thread: Message | None = None,
        **changes: Any,
    ) -> tuple[Message, Ack]:
        """Say something in a channel, a thread or a direct message."""
        said = self._say(text, user, channel, thread)
        return said, await self.send_event(self._message_event(said) | changes)

    async def reply_in_thread(
        self, root: Message, text: str, *, user: str = "U1", **changes: Any
    ) -> tuple[Message, Ack]:
        """Answer in the thread below a message."""
        return await self.say(
            text, user=user, channel=root.channel, thread=root, **changes
        )

    async def press(
        self,
        on: Message | Note,
        action_id: str,
        value: str | None = None,
        *,
        user: str = "U1",
    ) -> Ack:
        """Press a button below a message, or on a private note."""
        shown = on if isinstance(on, Message) else None
        button = Message(
            ts="", channel=on.channel, user="", blocks=list(on.blocks)
        ).button(action_id, value)
        payload = payloads.press(
            shown,
            button,
            team=self.workspace.team,
            user=user,
            channel=self._channel(on.channel),
            trigger_id=self.api.new_trigger(user),
            response_url=self.api.new_response_url(
                "actions", user=user, channel=on.channel
            ),
            ts=self.workspace.new_ts(),
        )
        return await self._deliver("interactive", payload)

    async def shortcut(
        self, on: Message, callback_id: str = "reproduce", *, user: str = "U1"
    ) -> Ack:
        """Choose a message shortcut from a message's menu."""
        payload = payloads.shortcut(
            on,
            callback_id=callback_id,
            team=self.workspace.team,
            user=user,
            channel=self._channel(on.channel),
            trigger_id=self.api.new_trigger(user),
            response_url=self.api.new_response_url(
                "app", user=user, channel=on.channel
            ),
        )
        return await self._deliver("interactive", payload)

    async def wait_for_view(self, count: int = 1) -> View:
        """Wait until a modal was opened; give the last of *count*."""
        await self.until(lambda: len(self.views) >= count)
        return self.views[count - 1]

    async def submit_view(self, view: View, **values: Any) -> Ack:
        """Send a modal, with some of its fields changed."""
        assert view.is_open, "nobody can send a modal that is closed"
        payload = payloads.submission(view, values, team=self.workspace.team)
        ack = await self._deliver("interactive", payload)
        action = (ack.body or {}).get("response_action")
        if ack.is_acked and action in {None, "clear"}:
            view.is_open = False
        if action == "update":
            view.view = (ack.body or {})["view"]
        if action == "errors":
            unknown = set(ack.errors) - {b.get("block_id") for b in view.view["blocks"]}
            assert not unknown, f"errors for fields that are not there: {unknown}"
        return ack

    async def invite_bot(self, channel: str) -> Ack:
        """Invite the bot to a channel."""
        self._channel(channel).members.add(BOT_USER)
        return await self._send_joined(channel)

    # --- the ways to the app ------------------------------------------------------------

    async def send_event(self, inner: dict[str, Any]) -> Ack:
        """Send an event, with Slack's retries."""
        event_id = f"Ev{self.workspace.number()}"
        payload = payloads.event(inner, team=self.workspace.team, event_id=event_id)
        return await self._deliver("events_api", payload)

    async def _deliver(self, kind: str, payload: dict[str, Any]) -> Ack:
        way: Delivery = self.http if self.via == "http" else self.socket
        return await way.deliver(kind, payload)

    def _channel(self, channel: str) -> Channel:
        return self.workspace.channels[channel]

    def _say(
        self, text: str, user: str, channel: str, thread: Message | None
    ) -> Message:
        root = (thread.thread_ts or thread.ts) if thread else None
        return self.workspace.add_message(channel, user, text=text, thread_ts=root)

    def _message_event(self, said: Message) -> dict[str, Any]:
        channel = self._channel(said.channel)
        root = said.thread_ts and self.workspace.find_message(
            said.channel, said.thread_ts
        )
        return payloads.message(
            said,
            team=self.workspace.team,
            channel=channel,
            root_user=root.user if root else None,
        )

    def _use_ticket(self, ticket: str) -> bool:
        is_good = ticket in self.api.tickets
        self.api.tickets.discard(ticket)
        return is_good

    def _tell_joined(self, channel: str) -> None:
        self._telling.append(self._tasks.create_task(self._send_joined(channel)))

    def stop(self) -> None:
        """Tell nobody more: whoever has not come back to hear of it is gone."""
        for telling in self._telling:
            telling.cancel()

    async def _send_joined(self, channel: str) -> Ack:
        way: Delivery = self.http if self.via == "http" else self.socket
        if not way.is_ready:
            return Ack(is_acked=False, reason="no_connection")
        return await self.send_event(
            payloads.joined(
                self._channel(channel),
                team=self.workspace.team,
                user=BOT_USER,
                ts=self.workspace.new_ts(),
            )
        )


@asynccontextmanager
async def slack_double() -> AsyncIterator[SlackDouble]:
    """Open a Slack on loopback; at the end, what the app did against the rules is raised."""
    async with asyncio.TaskGroup() as tasks:
        slack = SlackDouble(tasks)
        app = web.Application(
            client_max_size=64 * 1024 * 1024, middlewares=[slack.tell_change]
        )
        app.add_routes([*slack.api.routes(), *slack.socket.routes()])
        async with serving(app) as address:
            slack.api.address = address
            slack.base_url = f"{address}/api/"
            yield slack
            slack.stop()
            await slack.socket.drop()
    assert not slack.socket.complaints, slack.socket.complaints


__all__ = ["Ack", "Fault", "Message", "Note", "SlackDouble", "View", "slack_double"]

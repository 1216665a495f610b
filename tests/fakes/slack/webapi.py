"""The Web API: `/api/<method>`, upload addresses, response URLs."""

import inspect
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.fakes.recording import record
from tests.fakes.slack.arguments import (
    METHODS,
    SlackError,
    check_blocks,
    read,
    shown_files,
)
from tests.fakes.slack.faults import Faults, suffer, suffer_after
from tests.fakes.slack.model import (
    BOT_ID,
    BOT_USER,
    Message,
    Note,
    SlackFile,
    View,
    Workspace,
)

BOT_TOKEN = "xoxb-loopback-bot"
APP_TOKEN = "xapp-loopback-app"
TRIGGER_LIFE_S = 3.0
RESPONSE_LIFE_S = 30 * 60.0


class WebApi:
    """The part of Slack that answers requests."""

    def __init__(self, *, workspace: Workspace, faults: Faults) -> None:
        self.workspace = workspace
        self.faults = faults
        self.address = ""  # known once the server listens
        self.scopes = {m.scope for m in METHODS.values() if m.scope}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.call_times: list[float] = []
        self.shares_after = 1  # how often files.info answers without `shares`
        self.is_hiding_unfinished_files = True  # files.info before completing
        self.tickets: set[str] = set()
        self.joined: Callable[[str], None] = lambda _channel: None
        self._uploads: dict[str, SlackFile] = {}
        self._triggers: dict[str, tuple[str, float]] = {}
        self._responses: dict[str, dict[str, Any]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Give the routes of this part."""
        return [
            web.route("*", "/api/{method}", self._call),
            web.post("/upload/v1/{token}", self._upload),
            web.get("/files-pri/{file}/download/{name}", self._download),
            web.post("/{kind:commands|actions|app}/{path:.*}", self._response_url),
        ]

    # --- what payloads carry ---------------------------------------------------

    def new_trigger(self, user: str) -> str:
        """Give a trigger id, good for three seconds and one view."""
        trigger = f"{self.workspace.number()}.trigger"
        self._triggers[trigger] = (user, time.monotonic())
        return trigger

    def new_response_url(self, kind: str, *, user: str, channel: str) -> str:
        """Give a response URL, good for thirty minutes and five uses."""
        path = f"/{kind}/{self.workspace.team}/{self.workspace.number()}/secret"
        self._responses[path] = {
            "user": user,
            "channel": channel,
            "uses": 0,
            "made": time.monotonic(),
        }
        return self.address + path

    def response_uses(self) -> list[int]:
        """Tell how often each response URL was used."""
        return [known["uses"] for known in self._responses.values()]

    def expire_response_urls(self) -> None:
        """Let half an hour pass for all response URLs."""
        for known in self._responses.values():
            known["made"] -= RESPONSE_LIFE_S

    def names(self) -> list[str]:
        """Give the methods that were called, in order."""
        return [name for name, _ in self.calls]

    # --- requests ----------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        record(
            "slack",
            request.method,
            f"/{name}",
            query=request.query,
            headers=request.headers,
            body=await request.read(),
        )
        self.call_times.append(time.monotonic())
        fault = self.faults.take(name)
        instead = await suffer(fault, request)
        if instead is not None:
            self.calls.append((name, {}))
            return instead
        try:
            answer = await self._answer(name, request)
        except SlackError as error:
            answer = {"ok": False, "error": error.error, **error.fields}
        scopes = {"X-OAuth-Scopes": ",".join(sorted(self.scopes))}
        told = web.json_response(answer, headers=scopes)
        return await suffer_after(fault, request, told)

    async def _answer(self, name: str, request: web.Request) -> dict[str, Any]:
        self._check_token(name, request.headers.get("Authorization"))
        arguments = await read(name, request)
        self.calls.append((name, arguments))
        scope = METHODS[name].scope
        if scope is not None:
            self._check_scope(scope)
        self._check_files(arguments.get("blocks", []))
        handler = getattr(self, "_" + name.replace(".", "_"))
        made = handler(**arguments)
        return {"ok": True, **(await made if inspect.isawaitable(made) else made)}

    def _check_scope(self, scope: str) -> None:
        if scope not in self.scopes:
            raise SlackError(
                "missing_scope", needed=scope, provided=",".join(sorted(self.scopes))
            )

    def _check_token(self, name: str, header: str | None) -> None:
        if header is None:
            raise SlackError("not_authed")
        needed = APP_TOKEN if name == "apps.connections.open" else BOT_TOKEN
        if header != f"Bearer {needed}":
            kind = header.removeprefix("Bearer ")[:5]
            is_known = header in (f"Bearer {APP_TOKEN}", f"Bearer {BOT_TOKEN}")
            raise SlackError(
                "not_allowed_token_type" if is_known else "invalid_auth", kind=kind
            )

    def _check_files(self, blocks: list[dict[str, Any]]) -> None:
        """Refuse images of files that are not there, or of a kind Slack does not show."""
        for number, file_id in enumerate(shown_files(blocks)):
            file = self.workspace.files.get(file_id)
            is_shown = file is not None and file.is_complete and not file.is_deleted
            kinds = (".png", ".jpg", ".jpeg", ".gif")
            if file is None or not is_shown or not file.name.endswith(kinds):
                why = f"invalid slack file [json-pointer:/blocks/{number}/slack_file]"
                raise SlackError("invalid_blocks", errors=[why])

    def _auth_test(self) -> dict[str, Any]:
        return {
            "url": "https://loopback.slack.com/",
            "team": "Loopback",
            "user": "ideogram",
            "team_id": self.workspace.team,
            "user_id": BOT_USER,
            "bot_id": BOT_ID,
            "is_enterprise_install": False,
        }

    def _apps_connections_open(self) -> dict[str, Any]:
        ticket = f"ticket-{self.workspace.number()}"
        self.tickets.add(ticket)
        return {"url": f"{self.address.replace('http', 'ws', 1)}/link?ticket={ticket}"}

    # --- files -------------------------------------------------------------------

    def _files_getUploadURLExternal(  # noqa: N802 - the method's name
        self, filename: str, length: str, alt_txt: str | None = None
    ) -> dict[str, Any]:
        if int(length) == 0:
            raise SlackError("missing_argument")
        if alt_txt and len(alt_txt) > 1000:
            raise SlackError("alt_txt_too_large")
        number = self.workspace.number()
        file = SlackFile(
            id=f"F0FILE{number}", name=filename, length=int(length), alt_txt=alt_txt
        )
        self.workspace.files[file.id] = file
        self._uploads[f"token{number}"] = file
        return {
            "upload_url": f"{self.address}/upload/v1/token{number}",
            "file_id": file.id,
        }

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        record("slack", "POST", request.path, query={}, headers=request.headers)
        fault = self.faults.take("upload")
        instead = await suffer(fault, request)
        if instead is not None:
            return instead
        file = self._uploads.pop(request.match_info["token"], None)
        if file is None:
            return web.Response(status=404, text="upload URL was used before")
        content = bytearray()
        async for chunk in request.content.iter_chunked(1 << 16):
            content += chunk
        if len(content) != file.length or request.content_length != file.length:
            return web.Response(
                status=400, text="length differs from what was announced"
            )
        file.content = bytes(content)
        done = web.Response(text=f"OK - {len(content)}")
        return await suffer_after(fault, request, done)

    def attach(self, name: str, content: bytes) -> SlackFile:
        """Give a file that a person has uploaded."""
        file = SlackFile(
            id=f"F0FILE{self.workspace.number()}",
            name=name,
            length=len(content),
            alt_txt=None,
            content=content,
            is_complete=True,
        )
        self.workspace.files[file.id] = file
        return file

    def describe(self, file: SlackFile) -> dict[str, Any]:
        """Give a file as events and views tell of it."""
        path = f"/files-pri/{file.id}/download/{file.name}"
        return {
            "id": file.id,
            "name": file.name,
            "size": file.length,
            "mode": "hosted",
            "is_external": False,
            "url_private_download": self.address + path,
        }

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """Hand a file over; without the bot's token Slack asks to sign in."""
        record("slack", "GET", request.path, query={}, headers=request.headers)
        instead = await suffer(self.faults.take("download"), request)
        if instead is not None:
            return instead
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            raise web.HTTPFound(f"{self.address}/?redir={request.path}")
        file = self.workspace.files.get(request.match_info["file"])
        if file is None or file.is_deleted:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type="text/plain")

    def _files_completeUploadExternal(  # noqa: N802 - the method's name
        self,
        *,
        files: list[dict[str, Any]],
        channel_id: str | None = None,
        thread_ts: str | None = None,
        initial_comment: str | None = None,
        blocks: list[dict[str, Any]] | None = None,
        channels: str | None = None,
    ) -> dict[str, Any]:
        if blocks and initial_comment:
            raise SlackError("invalid_arguments")
        if not files or channels is not None:
            raise SlackError("invalid_arguments")
        found = [self.workspace.files.get(given.get("id", "")) for given in files]
        whole = [
            file for file in found if file is not None and file.content is not None
        ]
        if len(whole) != len(files):
            raise SlackError("file_not_found")
        if channel_id is not None:
            self._check_channel(channel_id, denied="posting_to_channel_denied")
        for file, given in zip(whole, files, strict=True):
            file.is_complete = True
            file.title = given.get("title")
        if channel_id is not None:
            self._share(whole, channel_id, thread_ts, blocks or [], initial_comment)
        return {"files": [{"id": file.id, "title": file.title} for file in whole]}

    def _share(
        self,
        files: list[SlackFile],
        channel: str,
        thread_ts: str | None,
        blocks: list[dict[str, Any]],
        text: str | None,
    ) -> None:
        message = self.workspace.add_message(
            channel,
            BOT_USER,
            text=text or "",
            thread_ts=thread_ts,
            blocks=blocks,
            files=files,
        )
        for file in files:
            file.shares.append((channel, message.ts))

    def _files_info(self, file: str) -> dict[str, Any]:
        known = self.workspace.files.get(file)
        if known is None or (self.is_hiding_unfinished_files and not known.is_complete):
            raise SlackError("file_not_found")
        if known.is_deleted:
            raise SlackError("file_deleted")
        shares: dict[str, Any] = {}
        if known.shares:
            known.looks += 1
            if known.looks > self.shares_after:
                for channel, ts in known.shares:
                    is_public = self.workspace.channels[channel].kind == "channel"
                    kind = "public" if is_public else "private"
                    where = shares.setdefault(kind, {}).setdefault(channel, [])
                    where.append({"ts": ts, "channel_name": channel.lower()})
        return {
            "file": {**self.describe(known), "shares": shares},
            "comments": [],
            "response_metadata": {"next_cursor": ""},
        }

    def _files_delete(self, file: str) -> dict[str, Any]:
        known = self.workspace.files.get(file)
        if known is None:
            raise SlackError("file_not_found")
        if known.is_deleted:
            raise SlackError("file_deleted")
        known.is_deleted = True
        return {}

    # --- conversations, messages, views -------------------------------------------

    def _check_channel(self, channel: str, *, denied: str = "is_archived") -> None:
        known = self.workspace.channels.get(channel)
        if known is None or (BOT_USER not in known.members and known.kind != "channel"):
            raise SlackError("channel_not_found")
        if BOT_USER not in known.members:
            raise SlackError("not_in_channel")
        if known.is_archived:
            raise SlackError(denied)

    def _conversations_join(self, channel: str) -> dict[str, Any]:
        known = self.workspace.channels.get(channel)
        if known is None:
            raise SlackError("channel_not_found")
        if known.kind != "channel":
            raise SlackError("method_not_supported_for_channel_type")
        if known.is_archived:
            raise SlackError("is_archived")
        known.members.add(BOT_USER)
        self.joined(channel)
        return {"channel": {"id": channel}}

    def _conversations_info(self, channel: str, **_: Any) -> dict[str, Any]:
        known = self.workspace.channels.get(channel)
        is_private = known is not None and known.kind != "channel"
        if known is None or (is_private and BOT_USER not in known.members):
            raise SlackError("channel_not_found")
        return {
            "channel": {
                "id": channel,
                "name": known.name,
                "is_member": BOT_USER in known.members,
                "is_private": is_private,
                "is_archived": known.is_archived,
            }
        }

    def _conversations_open(self, users: str = "") -> dict[str, Any]:
        if not users:
            raise SlackError("users_list_not_supplied")
        return {"channel": {"id": self.workspace.direct(users).id}}

    def _users_conversations(
        self, types: str = "public_channel", **_: Any
    ) -> dict[str, Any]:
        kinds = {
            "public_channel": "channel",
            "private_channel": "group",
            "mpim": "mpim",
            "im": "im",
        }
        wanted = {kinds[name] for name in types.split(",")}
        return {
            "channels": [
                {
                    "id": channel.id,
                    "is_private": channel.kind != "channel",
                    "is_im": channel.kind == "im",
                    "is_mpim": channel.kind == "mpim",
                }
                for channel in self.workspace.channels.values()
                if BOT_USER in channel.members and channel.kind in wanted
            ],
            "response_metadata": {"next_cursor": ""},
        }

    def _usergroups_users_list(self, usergroup: str, **_: Any) -> dict[str, Any]:
        if usergroup not in self.workspace.groups:
            raise SlackError("no_such_subteam")
        return {"users": sorted(self.workspace.groups[usergroup])}

    def _chat_postMessage(  # noqa: N802 - the method's name
        self,
        channel: str,
        text: str = "",
        blocks: list[dict[str, Any]] | None = None,
        thread_ts: str | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        self._check_channel(channel)
        if not text and not blocks:
            raise SlackError("no_text")
        message = self.workspace.add_message(
            channel, BOT_USER, text=text, blocks=blocks or [], thread_ts=thread_ts
        )
        return {"channel": channel, "ts": message.ts}

    def _chat_update(
        self,
        channel: str,
        ts: str,
        text: str = "",
        blocks: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        self._check_channel(channel)
        known = self.workspace.channels[channel].messages
        message = next((m for m in known if m.ts == ts), None)
        if message is None:
            raise SlackError("message_not_found")
        if message.user != BOT_USER:
            raise SlackError("cant_update_message")
        message.text, message.blocks = text, blocks or []
        message.edits += 1
        return {"channel": channel, "ts": ts, "text": text}

    def _conversations_history(
        self, channel: str, limit: str = "100", cursor: str = "", **_: Any
    ) -> dict[str, Any]:
        self._check_channel(channel)
        said = self.workspace.channels[channel].messages
        # Replies stand in their threads alone.
        return self._page([m for m in said if not m.thread_ts][::-1], limit, cursor)

    def _conversations_replies(
        self, channel: str, ts: str, limit: str = "100", cursor: str = "", **_: Any
    ) -> dict[str, Any]:
        self._check_channel(channel)
        said = self.workspace.channels[channel].messages
        thread = [m for m in said if ts in (m.ts, m.thread_ts)]
        if not thread:
            raise SlackError("thread_not_found")
        return self._page(thread, limit, cursor)

    def _page(self, newest: list[Message], limit: str, cursor: str) -> dict[str, Any]:
        first, most = int(cursor or 0), int(limit)
        after = str(first + most) if len(newest) > first + most else ""
        return {
            "messages": [
                {
                    "type": "message",
                    "user": message.user,
                    "ts": message.ts,
                    "text": message.text,
                    "blocks": message.blocks,
                }
                for message in newest[first : first + most]
            ],
            "has_more": bool(after),
            "response_metadata": {"next_cursor": after},
        }

    def _chat_delete(self, channel: str, ts: str) -> dict[str, Any]:
        known = self.workspace.channels.get(channel)
        if known is None:
            raise SlackError("channel_not_found")
        message = next((m for m in known.messages if m.ts == ts), None)
        if message is None:
            raise SlackError("message_not_found")
        if message.user != BOT_USER:
            raise SlackError("cant_delete_message")
        known.messages.remove(message)
        return {"channel": channel, "ts": ts}

    def _chat_postEphemeral(  # noqa: N802 - the method's name
        self,
        channel: str,
        user: str,
        text: str = "",
        blocks: list[dict[str, Any]] | None = None,
        thread_ts: str | None = None,
    ) -> dict[str, Any]:
        self._check_channel(channel)
        if user not in self.workspace.channels[channel].members:
            raise SlackError("user_not_in_channel")
        if not text and not blocks:
            raise SlackError("no_text")
        note = Note(
            user=user,
            channel=channel,
            via="ephemeral",
            text=text,
            blocks=blocks or [],
            thread_ts=thread_ts,
        )
        self.workspace.notes.append(note)
        return {"message_ts": self.workspace.new_ts()}

    def _views_open(self, view: dict[str, Any], trigger_id: str = "") -> dict[str, Any]:
        elements = [block.get("element") or {} for block in view["blocks"]]
        if any(one.get("type") == "file_input" for one in elements):
            self._check_scope("files:read")
        if trigger_id not in self._triggers:
            raise SlackError("invalid_trigger_id")
        user, made = self._triggers[trigger_id]
        if time.monotonic() - made > TRIGGER_LIFE_S:
            raise SlackError("expired_trigger_id")
        if not user:
            raise SlackError("exchanged_trigger_id")
        self._triggers[trigger_id] = ("", made)
        number = self.workspace.number()
        opened = View(id=f"V{number}", hash=f"{number}.hash", user=user, view=view)
        self.workspace.views.append(opened)
        return {"view": {"id": opened.id, "hash": opened.hash, **view}}

    async def _response_url(self, request: web.Request) -> web.StreamResponse:
        record(
            "slack",
            request.method,
            request.path,
            query=request.query,
            headers=request.headers,
            body=await request.read(),
        )
        instead = await suffer(self.faults.take("response_url"), request)
        if instead is not None:
            return instead
        known = self._responses.get(request.path)
        if known is None:
            return web.Response(status=404, text="no_service")
        if time.monotonic() - known["made"] >= RESPONSE_LIFE_S:
            return web.Response(status=404, text="expired_url")
        if known["uses"] >= 5:
            return web.Response(status=404, text="used_url")
        known["uses"] += 1
        try:
            self.take_note("response_url", known, await request.json())
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.error})
        return web.Response(text="ok")

    def take_note(self, via: str, about: dict[str, Any], body: dict[str, Any]) -> None:
        """Keep what an ack or a response URL showed to one person."""
        if body.get("blocks"):
            check_blocks(body["blocks"])
            self._check_files(body["blocks"])
        if body.get("response_type", "ephemeral") != "ephemeral":
            raise AssertionError(f"a private note was sent to everyone: {body}")
        self.workspace.notes.append(
            Note(
                user=about["user"],
                channel=about["channel"],
                via=via,
                text=body.get("text", ""),
                blocks=body.get("blocks", []),
                replaces=bool(body.get("replace_original")),
            )
        )

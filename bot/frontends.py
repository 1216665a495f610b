"""The front ends of this process: those whose settings are there.

Senders come first, since the core is built on them; the apps that listen come last, when
there is a core to speak to.
"""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from pydantic import SecretStr
from starlette.routing import BaseRoute, Route

from adapters.discord.alerts import DiscordAlerts
from adapters.discord.app import DiscordApp
from adapters.discord.batches import DiscordBatches
from adapters.discord.review import DiscordReviews
from adapters.discord.send import DiscordSender
from adapters.slack.alerts import SlackAlerts
from adapters.slack.app import SlackApp
from adapters.slack.batches import SlackBatches
from adapters.slack.manifest import HTTP_PATH
from adapters.slack.notes import PrivateNotes
from adapters.slack.review import SlackReviews
from adapters.slack.send import SlackSender
from adapters.slack.web import SlackWeb
from adapters.terminal.send import TerminalSender
from adapters.web.batches import WebBatches
from adapters.web.channel import Channel
from adapters.web.health import Connection
from adapters.web.page import ChatPage
from adapters.web.send import WebSender
from bot.clock import SystemClock
from bot.domain.people import Platform
from bot.ports.alerts import AlertSender
from bot.ports.batches import BatchSender
from bot.ports.chat import ChatSender
from bot.ports.review import ReviewSender
from bot.settings import Settings
from bot.stores import Stores
from bot.wiring import Core


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackParts:
    """Slack, outward."""

    web: SlackWeb
    notes: PrivateNotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """Every way out; what is not configured is None."""

    slack: SlackParts | None
    discord: DiscordSender | None
    channel: Channel | None  # the page's

    def by_platform(self) -> Mapping[Platform, ChatSender]:
        """Give what the core posts through."""
        senders: dict[Platform, ChatSender] = {Platform.TERMINAL: TerminalSender()}
        if self.slack:
            senders[Platform.SLACK] = SlackSender(
                web=self.slack.web, notes=self.slack.notes
            )
        if self.discord:
            senders[Platform.DISCORD] = self.discord
        if self.channel:
            senders[Platform.WEB] = WebSender(channel=self.channel)
        return senders

    def batches(self) -> Mapping[Platform, BatchSender]:
        """Give what shows batches."""
        senders: dict[Platform, BatchSender] = {}
        if self.slack:
            senders[Platform.SLACK] = SlackBatches(
                web=self.slack.web, notes=self.slack.notes, clock=SystemClock()
            )
        if self.discord:
            senders[Platform.DISCORD] = DiscordBatches(
                line=self.discord.line, clock=SystemClock()
            )
        if self.channel:
            senders[Platform.WEB] = WebBatches(channel=self.channel)
        return senders

    def reviews(self) -> Mapping[Platform, ReviewSender]:
        """Give what shows pictures to moderators."""
        senders: dict[Platform, ReviewSender] = {}
        if self.slack:
            senders[Platform.SLACK] = SlackReviews(
                web=self.slack.web, notes=self.slack.notes
            )
        if self.discord:
            senders[Platform.DISCORD] = DiscordReviews(
                line=self.discord.line, clock=SystemClock()
            )
        return senders

    def alerts(self, target: str) -> AlertSender | None:
        """Give what shows alerts at *target* (ALERT_TO); None when it is no channel here."""
        platform, _, channel = target.partition(":")
        if platform == Platform.SLACK and self.slack:
            return SlackAlerts(web=self.slack.web, channel=channel)
        if platform == Platform.DISCORD and self.discord:
            return DiscordAlerts(
                line=self.discord.line, channel_id=int(channel), clock=SystemClock()
            )
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Apps:
    """Every way in; what is not configured is None."""

    slack: SlackApp | None
    discord: DiscordApp | None
    chat: ChatPage | None
    routes: tuple[BaseRoute, ...]

    @property
    def listening(self) -> list[SlackApp | DiscordApp]:
        """Give those that connect to a platform."""
        return [app for app in (self.slack, self.discord) if app]

    async def close_intake(self) -> None:
        """Take nothing new anywhere."""
        async with asyncio.TaskGroup() as tasks:
            for app in self.listening:
                tasks.create_task(app.close_intake())


async def open_senders(
    settings: Settings, *, with_chat: bool, stack: AsyncExitStack
) -> Senders:
    """Open the ways out on *stack*."""
    clock = SystemClock()
    slack = None
    if settings.has_slack_socket or settings.has_slack_http:
        web = await stack.enter_async_context(
            SlackWeb(
                bot_token=_reveal(settings.slack_bot_token) or "",
                base_url=settings.slack_base_url,
            )
        )
        slack = SlackParts(web=web, notes=PrivateNotes(web=web, clock=clock))
    return Senders(
        slack=slack,
        discord=DiscordSender(clock=clock) if settings.has_discord else None,
        channel=Channel(epoch=secrets.token_hex(4)) if with_chat else None,
    )


def make_apps(settings: Settings, senders: Senders, core: Core, stores: Stores) -> Apps:
    """Give the ways in, not yet entered."""
    slack = _slack(settings, senders.slack, core) if senders.slack else None
    routes: list[BaseRoute] = []
    if slack and settings.has_slack_http:
        routes.append(Route(HTTP_PATH, slack.handle_http, methods=["POST"]))
    return Apps(
        slack=slack,
        discord=_discord(settings, senders.discord, core, stores)
        if senders.discord
        else None,
        chat=_chat(senders.channel, core, stores) if senders.channel else None,
        routes=tuple(routes),
    )


def connection(app: SlackApp | DiscordApp | None) -> Connection | None:
    """Give how an app stands; None when it is not configured."""
    if app is None:
        return None
    return Connection.CONNECTED if app.is_connected else Connection.CONNECTING


def _slack(settings: Settings, parts: SlackParts, core: Core) -> SlackApp:
    return SlackApp(
        web=parts.web,
        notes=parts.notes,
        dispatch=core.dispatcher,
        app_token=_reveal(settings.slack_app_token),
        signing_secret=_reveal(settings.slack_signing_secret),
        named_groups=lambda: core.policy().groups,
    )


def _discord(
    settings: Settings, sender: DiscordSender, core: Core, stores: Stores
) -> DiscordApp:
    return DiscordApp(
        token=_reveal(settings.discord_token) or "",
        base_url=settings.discord_base_url,
        guild_ids=settings.discord_guild_ids,
        message_content=settings.discord_message_content,
        dispatch=core.dispatcher,
        sender=sender,
        catalogue=core.catalogue,
        files=stores.files,
    )


def _chat(channel: Channel, core: Core, stores: Stores) -> ChatPage:
    return ChatPage(
        dispatch=core.dispatcher,
        channel=channel,
        records=stores.records,
        files=stores.files,
        copies=stores.copies,
        find_job=stores.queue.find,
        catalogue=core.catalogue,
        clock=SystemClock(),
    )


def _reveal(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None

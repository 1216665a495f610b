"""What one person alone sees: answers to what they typed, and how their job goes.

A response URL takes five messages in half an hour, and only for a private note can it
replace one; the budget is kept here. Where there is none, `chat.postEphemeral` is used, and
only for what the person has to know: the picture itself tells that all went well.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from adapters.slack.refusals import Refused
from adapters.slack.text import escape
from adapters.slack.web import SlackWeb
from bot.chat.commands import Origin
from bot.chat.progress import Progress, Stage
from bot.domain.job import Job, JobId
from bot.domain.people import Place
from bot.errors import PlatformError
from bot.ports.base import Clock

_USES = 5  # https://docs.slack.dev/interactivity/handling-user-interaction
_LIFE = timedelta(minutes=29)
_USED_BEFORE_A_RESTART = (
    3  # nobody counted on; leaves one note for waiting, one for the end
)
_REMEMBERED = 10_000  # response URLs whose uses are counted, jobs that were offered
_MUST_KNOW = (Stage.WAITING, Stage.FAILED, Stage.CANCELLED)

log = logging.getLogger(__name__)


class PrivateNotes:
    """Sends private notes within Slack's budget; never raises."""

    def __init__(self, *, web: SlackWeb, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._started_at = clock.now()
        self._uses: OrderedDict[str, int] = OrderedDict()
        self._offered: OrderedDict[str, int] = OrderedDict()

    async def show(self, job: Job, progress: Progress) -> None:
        """Show how a job stands, if it is worth one of the notes that are left."""
        stage = progress.stage
        url = job.return_address.get("response_url")
        message: dict[str, Any] = {"text": escape(progress.text)}
        replaces = job.return_address.get("kind") == "command"
        if stage not in _MUST_KNOW and not (url and replaces):
            return
        if url and self._may_use(url, job, stage):
            is_sent = await self._respond(url, message, replaces=replaces)
            if is_sent or stage not in _MUST_KNOW:
                return
        if stage in _MUST_KNOW:
            await self.tell(job.place, job.person.user_id, message)

    async def answer(
        self,
        address: Mapping[str, str],
        place: Place,
        user_id: str,
        message: Mapping[str, Any],
        *,
        replaces: bool = False,
    ) -> None:
        """Answer a person where they asked."""
        url = address.get("response_url")
        if url and await self._respond(url, message, replaces=replaces):
            return
        await self.tell(place, user_id, message)

    async def offer(
        self,
        origin: Origin,
        job_id: JobId,
        message: Mapping[str, Any],
        pictured: Mapping[str, Any] | None,
    ) -> None:
        """Offer an earlier picture, *pictured* where Slack takes that; once for a job.

        The answer to a command has shown *message* already. An event that is repeated
        because its answer died with the process is answered by the next one.
        """
        if job_id in self._offered:
            return
        _remember(self._offered, job_id, 1)
        url, user_id = origin.return_address.get("response_url"), origin.person.user_id
        if url:
            if pictured:
                await self._respond(url, pictured, replaces=True)
            return
        for each in filter(None, (pictured, message)):
            if await self.tell(origin.place, user_id, each):
                return
        await self._tell_directly(user_id, message)

    async def tell(
        self, place: Place, user_id: str, message: Mapping[str, Any]
    ) -> bool:
        """Show a message to one person in a place the bot is in; False when it cannot."""
        try:
            await self._web.call(
                "chat.postEphemeral",
                channel=place.channel_id,
                user=user_id,
                thread_ts=place.thread_id,
                text=message["text"],
                blocks=message.get("blocks"),
            )
        except (PlatformError, Refused) as error:
            log.info("A private note could not be shown: %s", error)
            return False
        return True

    async def _tell_directly(self, user_id: str, message: Mapping[str, Any]) -> None:
        """Say in the direct conversation what the person has to decide."""
        try:
            opened = await self._web.call("conversations.open", users=user_id)
            channel = str(opened["channel"]["id"])
            await self._web.call("chat.postMessage", channel=channel, **message)
        except (PlatformError, Refused) as error:
            log.info("An offer could not be shown: %s", error)

    def _may_use(self, url: str, job: Job, stage: Stage) -> bool:
        if self._clock.now() - job.created_at > _LIFE:
            return False
        if url not in self._uses and job.created_at < self._started_at:
            self._count(url, _USED_BEFORE_A_RESTART)
        kept_back = 0 if stage.is_final else 1 if stage is Stage.WAITING else 2
        return self._uses.get(url, 0) < _USES - kept_back

    async def _respond(
        self, url: str, message: Mapping[str, Any], *, replaces: bool
    ) -> bool:
        self._count(url, 1)
        body = {"response_type": "ephemeral", "replace_original": replaces, **message}
        try:
            return await self._web.respond(url, body)
        except PlatformError as error:
            log.info("A private note could not be shown: %s", error)
            return False

    def _count(self, url: str, uses: int) -> None:
        _remember(self._uses, url, self._uses.get(url, 0) + uses)


def _remember(known: OrderedDict[str, int], key: str, value: int) -> None:
    """Keep the latest few, so that a long life does not fill the memory."""
    known[key] = value
    known.move_to_end(key)
    while len(known) > _REMEMBERED:
        known.popitem(last=False)

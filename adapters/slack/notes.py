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
from bot.chat.progress import Progress, Stage
from bot.domain.job import Job
from bot.domain.people import Place
from bot.errors import PlatformError
from bot.ports import Clock

_USES = 5  # https://docs.slack.dev/interactivity/handling-user-interaction
_LIFE = timedelta(minutes=29)
_USED_BEFORE_A_RESTART = (
    3  # nobody counted on; leaves one note for waiting, one for the end
)
_REMEMBERED = 10_000  # response URLs whose uses are counted
_MUST_KNOW = (Stage.WAITING, Stage.FAILED, Stage.CANCELLED)

log = logging.getLogger(__name__)


class PrivateNotes:
    """Sends private notes within Slack's budget; never raises."""

    def __init__(self, *, web: SlackWeb, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._started_at = clock.now()
        self._uses: OrderedDict[str, int] = OrderedDict()

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

    async def tell(
        self, place: Place, user_id: str, message: Mapping[str, Any]
    ) -> None:
        """Show a message to one person in a place the bot is in."""
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
        self._uses[url] = self._uses.get(url, 0) + uses
        self._uses.move_to_end(url)
        while len(self._uses) > _REMEMBERED:
            self._uses.popitem(last=False)

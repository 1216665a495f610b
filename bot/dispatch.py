"""One command in, one reply out: the one place where errors become replies."""

import logging
from dataclasses import dataclass
from typing import assert_never

from bot.chat import commands as asked
from bot.chat.commands import Command
from bot.chat.replies import BatchForm, Refusal, Reply
from bot.commands.alerts import TryAgainHandler
from bot.commands.batches import DecideBatchHandler, SubmitBatchHandler
from bot.commands.browse import FindHandler, HistoryHandler
from bot.commands.cancel import CancelHandler
from bot.commands.duplicates import HeldHandler
from bot.commands.events import PlaceOpenedHandler, WithheldReplyHandler
from bot.commands.forms import ChangeHandler, EditHandler, MoreHandler
from bot.commands.generate import GenerateHandler
from bot.commands.help import HelpHandler
from bot.commands.new_seed import NewSeedHandler
from bot.commands.reproduce import ReproduceHandler
from bot.commands.resize import ResizeHandler
from bot.commands.reviewing import ReviewHandler
from bot.commands.settings import SettingsHandler
from bot.commands.show import ShowHandler
from bot.commands.stats import StatsHandler
from bot.errors import BotError, UserError

log = logging.getLogger(__name__)

FAULT = (
    "Something went wrong inside the bot and nothing was drawn. Try again; if it stays so, "
    "whoever runs the bot finds the reason in its log."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatcher:
    """Hands each command to its handler."""

    generate: GenerateHandler
    reproduce: ReproduceHandler
    new_seed: NewSeedHandler
    edit: EditHandler
    more: MoreHandler
    change: ChangeHandler
    resize: ResizeHandler
    history: HistoryHandler
    find: FindHandler
    show: ShowHandler
    cancel: CancelHandler
    held: HeldHandler
    try_again: TryAgainHandler
    review: ReviewHandler
    help: HelpHandler
    settings: SettingsHandler
    stats: StatsHandler
    submit_batch: SubmitBatchHandler
    decide_batch: DecideBatchHandler
    withheld_reply: WithheldReplyHandler
    place_opened: PlaceOpenedHandler

    async def handle(self, command: Command) -> Reply:
        """Answer *command*; never raises. Local work only: it takes milliseconds."""
        try:
            return await self.carry_out(command)
        except UserError as error:
            return Refusal(text=error.text)
        except BotError as error:
            log.warning("Refused: %s", error.text, extra={"action": _name(command)})
            return Refusal(text=error.text)
        except Exception:  # a front end must be able to answer whatever happens
            log.exception("A fault of the bot", extra={"action": _name(command)})
            return Refusal(text=FAULT)

    async def carry_out(self, command: Command) -> Reply:  # noqa: C901, PLR0911, PLR0912 - a table
        """Answer *command*. Raises: BotError."""
        match command:
            case asked.Generate():
                return await self.generate(command)
            case asked.Reproduce():
                return await self.reproduce(command)
            case asked.NewSeed():
                return await self.new_seed(command)
            case asked.Edit():
                return await self.edit(command)
            case asked.More():
                return await self.more(command)
            case asked.Change():
                return await self.change(command)
            case asked.Resize():
                return await self.resize(command)
            case asked.History():
                return await self.history(command)
            case asked.Find():
                return await self.find(command)
            case asked.Show():
                return await self.show(command)
            case asked.Cancel():
                return await self.cancel(command)
            case asked.ShowHere():
                return await self.held.show_here(command)
            case asked.DrawAnew():
                return await self.held.draw_anew(command)
            case asked.AskBatch():
                return BatchForm()
            case asked.SubmitBatch():
                return await self.submit_batch(command)
            case asked.DecideBatch():
                return await self.decide_batch(command)
            case asked.TryAgain():
                return await self.try_again(command)
            case asked.Review():
                return await self.review(command)
            case asked.Help():
                return await self.help(command)
            case asked.ShowSettings():
                return await self.settings(command)
            case asked.Stats():
                return await self.stats(command)
            case asked.WithheldReply():
                return await self.withheld_reply(command)
            case asked.PlaceOpened():
                return await self.place_opened(command)
            case _:
                assert_never(command)


def _name(command: Command) -> str:
    return type(command).__name__.lower()

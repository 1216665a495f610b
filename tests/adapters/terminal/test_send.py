"""Jobs from a terminal: progress for the one who waits, nothing to post."""

from adapters.terminal.send import TerminalSender
from bot.chat.progress import Progress, Stage
from tests.fakes.values import make_job

DRAWING = Progress(stage=Stage.DRAWING, text="Drawing …")


async def test_progress_reaches_the_one_who_waits():
    shown = []

    await TerminalSender(shown.append).show(make_job(), DRAWING)

    assert shown == [DRAWING]


async def test_nobody_need_wait():
    """A job handed to a live run is awaited in another process."""
    await TerminalSender().show(make_job(), DRAWING)


async def test_there_is_no_message_to_remember():
    assert await TerminalSender().post(make_job(), [], notes=None) == ()

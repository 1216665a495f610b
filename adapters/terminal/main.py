"""From arguments to an exit status: reads, acts, and says in one sentence what went wrong."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import typer
from typer.exceptions import TyperException

from adapters.terminal.actions import DONE, FAILED, Actions, status_of
from adapters.terminal.app import Action, build_app
from adapters.terminal.operations import Operations
from adapters.terminal.screen import Screen
from bot.errors import BotError

PROGRAM = "ideogram-bot"

Run = Callable[[Coroutine[Any, Any, int]], int]


def main(
    operations: Operations,
    words: Sequence[str],
    *,
    screen: Screen | None = None,
    run: Run = asyncio.run,
) -> int:
    """Carry out what *words* ask for; *run* is the event loop's. Gives the exit status."""
    screen = screen or Screen(out=sys.stdout, err=sys.stderr, into=sys.stdin)
    actions = Actions(operations=operations, screen=screen)
    try:
        action = _read(actions, words)
        return action if isinstance(action, int) else run(_act(action, screen))
    except TyperException as error:
        return _refuse(screen, error)
    except BotError as error:
        return _fail(screen, error)
    except BaseExceptionGroup as group:
        return _fail_together(screen, group)
    except OSError as error:  # those of files and sockets are BotErrors by now
        return _give_up_output(screen, error)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return FAILED


def _read(actions: Actions, words: Sequence[str]) -> Action | int:
    """Give the action, or the exit status when there is nothing to do (`--help`)."""
    command = typer.main.get_command(build_app(actions))
    read: Action | int | None = command.main(
        list(words), prog_name=PROGRAM, standalone_mode=False
    )
    return DONE if read is None else read


async def _act(action: Action, screen: Screen) -> int:
    if task := asyncio.current_task():  # a kill tidies up as Ctrl-C does
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    status = await action()
    screen.out.flush()  # here a reader that has gone is still expected
    return status


def _refuse(screen: Screen, error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else PROGRAM
    if text := error.format_message():  # empty when the help was shown instead
        screen.say(f"{text}\nSee: {command} --help")
    return error.exit_code


def _fail(screen: Screen, error: BotError) -> int:
    screen.say(error.text)
    return status_of(type(error).__name__)


def _fail_together(screen: Screen, group: BaseExceptionGroup[BaseException]) -> int:
    """Tell the first error of tasks that failed together; a bug keeps its traceback."""
    errors = list(_leaves(group))
    foreseen = [error for error in errors if isinstance(error, BotError)]
    if len(foreseen) < len(errors):
        raise group
    return _fail(screen, foreseen[0])


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _give_up_output(screen: Screen, error: OSError) -> int:
    """Let the interpreter's last flush write to nowhere; a reader may leave early."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return DONE
    screen.say(f"The answer cannot be written to standard output: {error.strerror}.")
    return FAILED

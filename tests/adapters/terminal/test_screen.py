"""Where the terminal's words go, and in which form."""

import io

import pytest

from adapters.terminal.screen import Screen, plain
from bot.chat.progress import Progress, Stage


class Tty(io.StringIO):
    """What says that it is a terminal."""

    def isatty(self):
        return True


def drawing(text):
    return Progress(stage=Stage.DRAWING, text=text)


def test_progress_is_one_living_line_on_a_terminal(monkeypatch):
    """The line is gone once there is a result; its words steer nothing."""
    monkeypatch.setenv("TERM", "xterm")
    err = Tty()

    with Screen(out=io.StringIO(), err=err).progress() as show:
        show(drawing("Drawing [bold]\x07…"))

    assert "Drawing [bold] …" in err.getvalue()
    assert "\x07" not in err.getvalue()
    assert "\x1b[2K" in err.getvalue()


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_what_is_no_terminal_stays_plain(variable, monkeypatch):
    """Continuous integration sets such variables; a log file stays readable."""
    monkeypatch.setenv(variable, "1")
    err = io.StringIO()

    with Screen(out=io.StringIO(), err=err).progress() as show:
        show(drawing("Drawing …"))

    assert err.getvalue() == "Drawing …\n"


def test_a_long_sentence_is_one_line():
    """Whoever reads standard error line by line gets whole sentences."""
    err = io.StringIO()

    Screen(out=io.StringIO(), err=err).say("word " * 100)

    assert len(err.getvalue().splitlines()) == 1


def test_plain_text_steers_no_terminal():
    assert plain("a\x1b[2J\u202eb\nc 🦊") == "a [2J b c 🦊"
    assert plain("a\nb", keep="\n") == "a\nb"

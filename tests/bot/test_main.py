"""The program as an operating system meets it: a process, its output, its exit status."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ideogram_bot(tmp_path):
    """Start the program in an empty folder, with nothing set but what is given."""
    unset = {name.upper() for name in Settings.model_fields}
    environment = {k: v for k, v in os.environ.items() if k not in unset}

    def start(*words, **given):
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(ROOT), **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def test_the_version_is_told(ideogram_bot):
    out, err = (process := ideogram_bot("--version")).communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
    assert out.startswith("ideogram-bot 0.")


def test_missing_settings_end_the_start_with_one_message(ideogram_bot, tmp_path):
    """Every problem, no traceback, nothing left behind."""
    out, err = (process := ideogram_bot("run")).communicate(timeout=60)

    assert (process.returncode, out) == (1, "")
    assert "IDEOGRAM_API_KEY" in err
    assert "DISCORD_TOKEN" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_flag_is_wrong_usage(ideogram_bot):
    """The shared parser answers, before any call."""
    process = ideogram_bot(
        "imagine", "a", "fox", "--arr", "16:9", IDEOGRAM_ROUTE="sandbox"
    )
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (2, "")
    assert "--ar" in err


def test_a_picture_is_drawn_found_and_exported(ideogram_bot):
    """From the terminal to the simulated Ideogram and back, with no account."""
    drawn = ideogram_bot(
        *("imagine", "a", "fox", "--magic", "off", "--json"),
        IDEOGRAM_ROUTE="sandbox",
        IDEOGRAM_API_KEY="for-the-real-one",
    )
    out, err = drawn.communicate(timeout=100)
    assert drawn.returncode == 0, err
    assert '"prompt": "a fox"' in out

    searching = ideogram_bot("search", "fox", "--json")
    found, _ = searching.communicate(timeout=60)

    assert searching.returncode == 0
    assert found.count('"id"') == 1


def test_a_reader_that_leaves_is_no_error(ideogram_bot):
    """`ideogram-bot export | head` ends quietly."""
    process = ideogram_bot("slack-manifest")
    process.stdout.close()

    err = process.stderr.read()
    process.stderr.close()

    assert process.wait(timeout=60) == 0
    assert err == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(tmp_path, closed):
    """Some starters of daemons close what they do not use."""
    line = f'"$0" -m bot search {closed}'
    process = subprocess.run(
        ["/bin/sh", "-c", line, sys.executable],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert process.returncode == 0
    assert b"Error" not in process.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_an_answer_that_finds_no_room_is_told(tmp_path):
    """`ideogram-bot export > file` on a full disk."""
    process = subprocess.run(
        [
            "/bin/sh",
            "-c",
            '"$0" -m bot export --format json >/dev/full',
            sys.executable,
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert process.returncode == 1
    assert process.stderr.splitlines() == [
        "The answer cannot be written to standard output: No space left on device."
    ]


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become somebody else")
def test_a_user_without_a_name_may_draw(tmp_path):
    """Containers run under any number."""
    lines = [
        "import os",
        "from bot.drawing import _user_name",
        "os.setuid(54321)",
        "print(_user_name())",
    ]
    process = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert process.stdout == "54321\n", process.stderr


@pytest.mark.drill  # a stop waits twenty seconds for a call under way
def test_a_stop_while_drawing_is_no_crash(ideogram_bot):
    """Ctrl-C hands the job back; three of them must not set it aside."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = ideogram_bot(
            *("imagine", "a", "fox"),
            IDEOGRAM_API_KEY="key",
            IDEOGRAM_BASE_URL=f"http://127.0.0.1:{silent.getsockname()[1]}",
        )
        call, _ = silent.accept()
        with call:
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)

    listing = ideogram_bot("jobs", "--json")
    [job] = json.loads(listing.communicate(timeout=60)[0])

    assert process.returncode == 1
    assert "Stopped waiting." in err
    assert "Traceback" not in err
    assert (job["state"], job["attempts"], job["crashes"]) == ("queued", 1, 0)

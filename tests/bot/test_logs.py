"""The log: one line an event, and never a secret in it."""

import asyncio
import json
import logging

import pytest

from bot.logs import redact, set_up_logs


@pytest.fixture(autouse=True)
def _own_logging():
    """Each test sets logging up anew; afterwards everything is as before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    yield

    root.handlers[:] = handlers
    root.setLevel(level)


def lines(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_a_line_for_people(capsys):
    """The sentence first, then what it is about."""
    set_up_logs("info", "text")

    logging.getLogger("bot.jobs").info(
        "Drew %d pictures.", 3, extra={"job": "abc", "action": "draw"}
    )

    [line] = lines(capsys)
    assert "Drew 3 pictures. [bot.jobs] job=abc action=draw" in line
    assert "\x1b" not in line


def test_a_line_for_machines(capsys):
    set_up_logs("info", "json")

    logging.getLogger("bot.jobs").info("Drew it.", extra={"job": "abc"})

    [line] = lines(capsys)
    event = json.loads(line)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "Drew it.",
        "level": "info",
        "logger": "bot.jobs",
        "job": "abc",
    }


def test_the_level_is_kept(capsys):
    set_up_logs("warning", "text")

    logging.getLogger("bot").info("Not this.")
    logging.getLogger("bot").warning("But this.")

    [line] = lines(capsys)
    assert "But this." in line


@pytest.mark.parametrize("name", ["httpx", "slack_bolt.app", "discord.http", "aiohttp"])
def test_libraries_are_quiet(name, capsys):
    """They log whole requests, prompts included, below warning."""
    set_up_logs("debug", "text")

    logging.getLogger(name).info("POST /generate a fox")
    logging.getLogger(name).debug("more of it")

    assert lines(capsys) == []


@pytest.mark.parametrize("style", ["text", "json"])
def test_secrets_are_blotted_out_everywhere(style, capsys):
    """In the sentence, its arguments, the extras and a traceback."""
    set_up_logs("info", style, secrets=["key-1"])
    logger = logging.getLogger("bot")

    try:
        int("key-1")
    except ValueError:
        logger.exception("It said %s", "key-1", extra={"sent": {"a": ["key-1"]}})

    text = "\n".join(lines(capsys))
    assert "'[hidden]'" in text
    assert "key-1" not in text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        pytest.param("by xoxb-1-a.b!", "by [hidden]!", id="slack token"),
        pytest.param("by xapp-1-A2-b", "by [hidden]", id="slack app token"),
        pytest.param(
            "https://hooks.slack.com/commands/T1/2/xyz",
            "https://hooks.slack.com/[hidden]",
            id="response url",
        ),
        pytest.param(
            "https://files.slack.com/upload/v1/abc",
            "https://files.slack.com/upload/[hidden]",
            id="upload url",
        ),
        pytest.param(
            f"as {'M' * 24}.{'a' * 6}.{'b' * 38}", "as [hidden]", id="discord token"
        ),
        pytest.param(
            "POST /webhooks/12/aW50ZXJ:x/messages",
            "POST /webhooks/[hidden]/messages",
            id="webhook",
        ),
        pytest.param(
            "POST /interactions/12/aW50/callback",
            "POST /interactions/[hidden]/callback",
            id="interaction",
        ),
        pytest.param(
            "at https://ideogram.ai/a.png?exp=1&sig=2, gone",
            "at https://ideogram.ai/a.png?[hidden] gone",
            id="signed url",
        ),
        pytest.param(
            "{'Authorization': 'Bearer abc.d'}",
            "{'Authorization': 'Bearer [hidden]'}",
            id="bearer",
        ),
        pytest.param("Api-Key: abc", "Api-Key: [hidden]", id="key header"),
        pytest.param("{'api-key': 'abc'}", "{'api-key': '[hidden]'}", id="key item"),
    ],
)
def test_what_looks_like_a_secret_is_blotted_out(text, clean):
    assert redact(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "Drew it in 3.2 s.",
        "Why? a=b",
        "https://example.com/a?",
        "job 0a1b2c3d4e5f6g7h-1",
    ],
)
def test_the_rest_stays(text):
    """A log that hides what happened helps nobody."""
    assert redact(text) == text


def test_one_event_is_one_line(capsys):
    """What strangers send cannot pretend to be a line of its own."""
    set_up_logs("info", "text")

    logging.getLogger("bot").info("They said %s", "a\n2026 [info] Paid.\x1b[2K")

    assert len(lines(capsys)) == 1


def test_what_is_cut_off_at_the_end_is_no_error(capsys):
    """uvicorn tells a traceback for each request that does not end in time."""
    set_up_logs("info", "text")

    logging.getLogger("uvicorn.error").error(
        "Exception in ASGI application", exc_info=asyncio.CancelledError()
    )

    assert lines(capsys) == []

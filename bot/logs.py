"""The log: one line an event on standard error, for people or for machines.

Modules log with the standard library; structlog gives the lines their shape. What looks
like a token or a signed address is blotted out here, as the last line of defence behind
those who write the lines.
"""

import asyncio
import logging
import re
import sys
from collections.abc import Callable, Collection, MutableMapping
from typing import Any, Literal, TextIO

import structlog

_HIDDEN = "[hidden]"
_SECRETS = (
    # Slack: tokens, response URLs and upload URLs (the path is the secret)
    re.compile(r"\b(?:xox[a-z]-|xoxe\.|xapp-)[\w.-]+"),
    re.compile(r"(?<=hooks\.slack\.com/)[^\s\"'<>]+"),
    re.compile(r"(?<=files\.slack\.com/upload/)[^\s\"'<>]+"),
    # Discord: tokens of bots, interactions and webhooks
    re.compile(r"\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"),
    re.compile(r"(?<=/webhooks/)\d+/[^\s/?\"'<>]+"),
    re.compile(r"(?<=/interactions/)\d+/[^\s/?\"'<>]+"),
    # The query of any address: that is where signatures travel
    re.compile(r"(?<=\?)[^\s\"'<>]+=[^\s\"'<>]*"),
    # Header values, however they are spelled out
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]+"),
    re.compile(r"(?i)(?<=api-key: )\S+|(?<=api-key': ')[^']+"),
    re.compile(r"(?i)(?<=subscription-key: )\S+|(?<=subscription-key': ')[^']+"),
)
_QUIET = (  # they log requests in full, or each tick
    "PIL",
    "aiohttp",
    "apscheduler",
    "asyncio",
    "discord",
    "httpcore",
    "httpx",
    "slack_bolt",
    "slack_sdk",
    "uvicorn",
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # one event, one line
_Event = MutableMapping[str, Any]


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is now: a progress display may stand in for it."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def set_up_logs(
    level: str, style: Literal["text", "json"], *, secrets: Collection[str] = ()
) -> None:
    """Send the log of this process to standard error from now on.

    *secrets* are blotted out wherever they appear, whatever they look like.
    """
    handler = _StandardError()
    handler.setFormatter(_formatter(style, secrets))
    handler.addFilter(_is_no_cut)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def redact(text: str, *, secrets: Collection[str] = ()) -> str:
    """Give *text* with everything that looks like a secret, and *secrets*, blotted out."""
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    for pattern in _SECRETS:
        text = pattern.sub(_HIDDEN, text)
    return text


def _is_no_cut(record: logging.LogRecord) -> bool:
    """Leave out what uvicorn calls an error: a request cut off because the program ends."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError)


def _formatter(style: str, secrets: Collection[str]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Plain text before redaction: a traceback quotes what was in hand.
            structlog.processors.format_exc_info,
            _redactor(secrets),
            _renderer(style),
        ],
    )


def _renderer(style: str) -> Callable[..., str | bytes]:
    if style == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), sort_keys=False, pad_event_to=0
    )


def _redactor(secrets: Collection[str]) -> Callable[[Any, str, _Event], _Event]:
    hidden = sorted(filter(None, secrets), key=len, reverse=True)

    def clean(value: Any) -> Any:
        match value:
            case None | bool() | int() | float():
                return value
            case dict():
                return {key: clean(item) for key, item in value.items()}
            case list() | tuple():
                return [clean(item) for item in value]
            case _:
                return redact(str(value), secrets=hidden)

    def process(_logger: Any, _method: str, event: _Event) -> _Event:
        event = {key: clean(item) for key, item in event.items()}
        event["event"] = _CONTROL.sub(" ", str(event["event"]))
        return event

    return process

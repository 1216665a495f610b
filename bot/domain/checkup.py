"""What the doctor finds: one line for each thing looked at. Pure."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

SKEW_WARNS, SKEW_FAILS = timedelta(seconds=30), timedelta(minutes=4)


class Verdict(StrEnum):
    """How something is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one thing is: *text* says what was found, *remedy* what to do about it."""

    name: str
    verdict: Verdict
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something to look at; *run* gives one finding, or several."""

    name: str
    run: Callable[[], Awaitable[Sequence[Finding]]]


def ok(name: str, text: str) -> Finding:
    """Give a finding that all is well."""
    return Finding(name=name, verdict=Verdict.OK, text=text)


def warn(name: str, text: str, remedy: str) -> Finding:
    """Give a finding that may matter."""
    return Finding(name=name, verdict=Verdict.WARN, text=text, remedy=remedy)


def fail(name: str, text: str, remedy: str) -> Finding:
    """Give a finding that keeps the bot from working as it should."""
    return Finding(name=name, verdict=Verdict.FAIL, text=text, remedy=remedy)


def skipped(name: str, text: str) -> Finding:
    """Give a finding that nothing could or had to be looked at."""
    return Finding(name=name, verdict=Verdict.SKIPPED, text=text)


def clock(name: str, date: str | None, now: datetime) -> Finding:
    """Judge this machine's clock by the `Date` of an answer that has just come."""
    try:
        theirs = parsedate_to_datetime(date or "")
        skew = abs(now - theirs)
    except (ValueError, TypeError):
        return skipped(name, "The answer carries no time to compare with.")
    told = f"It differs by {round(skew.total_seconds())} seconds from theirs."
    remedy = "Let the machine set its clock by the network (NTP)."
    if skew >= SKEW_FAILS:
        return fail(
            name, f"{told} Signed requests are refused at five minutes.", remedy
        )
    if skew >= SKEW_WARNS:
        return warn(name, told, remedy)
    return ok(name, told)

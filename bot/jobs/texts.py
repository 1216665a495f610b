"""The sentences a person reads about their job. Pure; plain text without markup."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.chat.progress import Progress, Stage
from bot.domain.budget import dollars, to_micros
from bot.domain.duplicate import ago
from bot.domain.job import Job, JobState
from bot.domain.models import Models
from bot.domain.people import Platform, Visibility
from bot.domain.record import Record
from bot.errors import BotError


def accepted(job: Job, *, before: int, models: Models, left: str = "") -> str:
    """Say what was taken on, how many are before it, and what money is *left* then."""
    if job.shows:
        return "Posting the picture that was drawn before; nothing is charged."
    if job.resizes:
        return f"Making {', '.join(job.request.formats)}; nothing is charged."
    model = models[job.request.model]
    cost = model.price(job.request.rendering_speed) * job.request.count
    what = "the picture" if job.request.count == 1 else f"{job.request.count} pictures"
    place = "Drawing now" if before == 0 else f"Queued, {before} before you"
    money = ", ".join(filter(None, [dollars(to_micros(cost)), left]))
    lines = [f"{place}: {what} with {model.flag}, {money}."]
    if job.lineage and job.lineage.changes:
        lines.append(f"Changed: {'; '.join(job.lineage.changes)}.")
    if job.request.formats:
        lines.append(f"Sized copies follow: {', '.join(job.request.formats)}.")
    return " ".join(lines)


def already_drawn(job: Job, record: Record, now: datetime) -> str:
    """Say when the same was drawn, by whom, and that nothing has been charged."""
    is_own = record.person.user_id == job.person.user_id
    by = "you" if is_own else "somebody here"
    return (
        f"Drawn {ago(record.created_at, now)} by {by}, with seed {record.seed}. "
        "Nothing was charged: show it here, or draw anew?"
    )


def drawing(job: Job) -> Progress:
    """Say that the paid call is under way."""
    again = "" if job.calls <= 1 else f" (try {job.calls}, same seed)"
    return Progress(stage=Stage.DRAWING, text=f"Drawing{again}…")


def posting(job: Job) -> Progress:
    """Say that the pictures are kept and on their way."""
    if job.resizes:
        return Progress(stage=Stage.POSTING, text="Posting the sized copies…")
    if job.shows:
        return Progress(stage=Stage.POSTING, text="Posting the picture…")
    what = "picture" if job.request.count == 1 else "pictures"
    return Progress(stage=Stage.POSTING, text=f"Drawn. Posting the {what}…")


def resizing(job: Job) -> Progress:
    """Say that sized copies are being made."""
    formats = ", ".join(job.request.formats)
    return Progress(stage=Stage.DRAWING, text=f"Making {formats}…")


def partly(copies: int, failures: Sequence[str]) -> str:
    """Say which copies could not be made, and that the others are there."""
    others = {0: "", 1: "The other copy is made. "}
    return others.get(copies, f"The other {copies} copies are made. ") + " ".join(
        failures
    )


def later(error: BotError, wait: timedelta) -> Progress:
    """Say why the job is held up and when it goes on."""
    seconds = max(1, round(wait.total_seconds()))
    text = f"{error.text} Trying again in {seconds} s; nothing is lost."
    return Progress(stage=Stage.QUEUED, text=text)


def waiting(error: BotError) -> Progress:
    """Say that the bot must be invited."""
    return Progress(stage=Stage.WAITING, text=error.text)


def in_review(job: Job) -> Progress:
    """Say that a moderator must approve."""
    them, it_is = ("it", "It is") if job.request.count == 1 else ("them", "They are")
    text = f"Drawn. A moderator has to approve {them} first. {it_is} posted then."
    return Progress(stage=Stage.WAITING, text=text)


def ended(job: Job) -> Progress:
    """Say how a job that is final ended."""
    match job.state:
        case JobState.DONE:
            return Progress(stage=Stage.DONE, text=_done(job))
        case JobState.CANCELLED:
            return Progress(stage=Stage.CANCELLED, text=_cancelled(job))
        case _:
            text = job.error or "The job failed."
            return Progress(stage=Stage.FAILED, text=text)


def _done(job: Job) -> str:
    if job.person.platform is Platform.TERMINAL:
        return "Done. Nothing was charged." if job.resizes else "Done."
    if job.resizes:
        return "Done. The sized copies are with the picture; nothing was charged."
    if job.shows:
        return "Done. It was drawn before: nothing was charged."
    them, they_are = ("it", "It is") if job.request.count == 1 else ("them", "They are")
    if job.request.is_private:
        return f"Done. Only you can see {them}."
    if job.place.visibility is Visibility.OWNER:
        return f"Done. {they_are} in our direct messages."
    goes_elsewhere = job.keeps_unsafe and job.person.platform is Platform.SLACK
    elsewhere = "; what Ideogram calls unsafe is in a direct message instead"
    return f"Done. {they_are} in the channel{elsewhere if goes_elsewhere else ''}."


def _cancelled(job: Job) -> str:
    if job.shows or job.resizes:
        return "Cancelled: nothing was charged."
    if job.calls == 0:
        return "Cancelled before it was drawn: nothing was charged."
    return (
        "Cancelled. A call to Ideogram had been sent and may have been charged; "
        "what it drew is kept in the records and not posted."
    )

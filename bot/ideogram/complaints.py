"""An answer that is no picture, as the error it means, in a finished sentence.

Pure. Ideogram, its front servers and the gateways use half a dozen shapes side by side:
`{"error"}`, `{"detail"}` (RFC 7807), `{"message"}`, `{"code", "message", "data": null}` whatever
the HTTP status, and plain pages. A stated reason counts before the status.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from bot.errors import (
    KeyRejected,
    NothingDrawn,
    OutOfCredit,
    ProviderBusy,
    ProviderDown,
    ProviderError,
    ProviderRefused,
    RequestRejected,
)

_LONGEST_DETAIL = 200
_LONGEST_WAIT = timedelta(
    hours=1
)  # a gateway's wrong clock must not park a job for days

_SECRET = re.compile(
    r"\bsk-[\w-]{6,}|(?<=[?&])(?:sig|key|token)=[^&\s]+", re.IGNORECASE
)

# What gateways say in their own words, most telling first.
_WORDS: tuple[tuple[re.Pattern[str], type[ProviderError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (
            r"safety|prohibited|moderation|content.?policy|sensitive.?(word|content)",
            ProviderRefused,
        ),
        (r"quota|\bbalance\b|credit|payment|insufficient.?fund", OutOfCredit),
        (r"rate.?limit|too.?many|in.?flight", ProviderBusy),
        (
            r"unauthori[sz]ed|authenticat|(api|access|subscription).?key|invalid.?token",
            KeyRejected,
        ),
    )
)


def read_failure(
    status: int,
    headers: Mapping[str, str],
    payload: Any,
    *,
    provider: str,
    now: datetime,
) -> ProviderError:
    """Give the error that an answer with HTTP *status* other than 2xx means."""
    fields = payload if isinstance(payload, dict) else {}
    detail = _detail(fields)
    kind = (
        _kind_of_reason(fields)
        or _kind_of_code(fields)
        or _kind_of_status(status)
        or _kind_of_words(fields, detail)
        or ProviderDown
    )
    reason = str(fields.get("reject_reason", ""))
    text = _sentence(kind, provider, detail, status=status, reason=reason)
    if kind is ProviderBusy:
        return ProviderBusy(text, retry_after=read_retry_after(headers, now))
    return kind(text)


def read_false_success(payload: Mapping[str, Any], *, provider: str) -> ProviderError:
    """Give the error of a 2xx answer without `data`: most are a gateway's complaint.

    A complaint in words nobody knows is final: it is a definite answer, and repeating a
    call that may have been charged would cost again.
    """
    detail = _detail(payload)
    if not detail or _is_praise(payload):
        return NothingDrawn(
            f"{provider} reports success and delivered no picture. "
            "Change the prompt a little and try again."
        )
    kind = (
        _kind_of_reason(payload)
        or _kind_of_code(payload)
        or _kind_of_words(payload, detail)
    )
    if kind is None:
        return RequestRejected(
            f"{provider} reports an error instead of a picture ({detail}). "
            "Change the prompt or its flags and try again."
        )
    return kind(_sentence(kind, provider, detail, status=None, reason=""))


def read_failed_ticket(payload: Mapping[str, Any], *, provider: str) -> ProviderError:
    """Give the error of a drawing that was taken on and then failed; it is final."""
    detail = _detail(payload) or _clean(str(payload.get("failure_reason") or ""))
    if _kind_of_words(payload, detail) is ProviderRefused:
        return ProviderRefused(
            _sentence(ProviderRefused, provider, detail, status=None, reason="")
        )
    said = f" ({detail})" if detail else ""
    return NothingDrawn(
        f"{provider} took the request and then could not draw it{said}. "
        "Change the prompt a little and try again."
    )


# --- which error ------------------------------------------------------------

_BY_STATUS: Mapping[int, type[ProviderError]] = {
    401: KeyRejected,
    402: OutOfCredit,
    403: KeyRejected,
    408: ProviderDown,  # the request did not arrive whole
    422: ProviderRefused,
    425: ProviderDown,
    429: ProviderBusy,
}


def _kind_of_status(status: int) -> type[ProviderError] | None:
    """Give what the status alone means; a 5xx may say more in its body."""
    if status >= 500:  # noqa: PLR2004 - the HTTP class of server errors
        return None
    return _BY_STATUS.get(status, RequestRejected)


def _kind_of_code(fields: Mapping[str, Any]) -> type[ProviderError] | None:
    """Give what a gateway's `code` means where it is an HTTP status in disguise."""
    code = str(fields.get("code", ""))
    if not re.fullmatch(r"[45]\d\d", code):
        return None
    return _kind_of_status(int(code)) or ProviderDown


def _kind_of_reason(fields: Mapping[str, Any]) -> type[ProviderError] | None:
    """Give what `reject_reason` means: https://developer.ideogram.ai/v2, api-overview."""
    match fields.get("reject_reason"):
        case None | "":
            return None
        case "inflight_limit":
            return ProviderBusy
        case str() as reason if reason in _NO_CREDIT:
            return OutOfCredit
        case _:
            return None


def _kind_of_words(
    fields: Mapping[str, Any], detail: str
) -> type[ProviderError] | None:
    said = f"{fields.get('code', '')} {fields.get('type', '')} {detail}"
    for pattern, kind in _WORDS:
        if pattern.search(said):
            return kind
    return None


def _is_praise(fields: Mapping[str, Any]) -> bool:
    """Say whether the envelope claims success: `code` 0 or 200, or the word itself."""
    return str(fields.get("code", "")).lower() in {"0", "200", "success", "ok"}


# --- in which words ---------------------------------------------------------

_NO_CREDIT: Mapping[str, str] = {
    "insufficient_funds": "The account at {provider} has no credit left{said}. Nothing was "
    "charged; whoever runs this bot has to add credit.",
    "subscription_required": "{provider} asks for a subscription{said}. Nothing was charged; "
    "whoever runs this bot has to take one out.",
    "daily_limit": "The account at {provider} has used up its daily limit{said}. Nothing was "
    "charged; try again tomorrow.",
    "priority_credit_required": "{provider} asks for priority credit{said}. Nothing was "
    "charged; whoever runs this bot has to add some.",
    "feature_limit": "The account at {provider} has used up this feature{said}. Nothing was "
    "charged; whoever runs this bot has to raise its limit.",
}
_BY_KIND: Mapping[type[ProviderError], str] = {
    ProviderRefused: "{provider}'s safety check refused the prompt{said}. "
    "Put it in other words and try again.",
    OutOfCredit: _NO_CREDIT["insufficient_funds"],
    ProviderBusy: "{provider} has too many requests at once{said}. This one was not drawn "
    "and not charged; try again in a moment.",
    KeyRejected: "{provider} did not accept this bot's API key: it is wrong, or its account "
    "has no balance{said}. Nothing was charged; whoever runs this bot has to check "
    "IDEOGRAM_API_KEY and the account.",
    RequestRejected: "{provider} calls the request invalid{said}. Nothing was charged; "
    "change the prompt or its flags and try again.",
    ProviderDown: "{provider} could not answer{said}. Whether it was charged is not known; "
    "try again in a moment.",
}
_MISDIRECTED = (
    "{provider} does not serve this kind of request at the address the bot called{said}. "
    "Nothing was charged; whoever runs this bot has to check IDEOGRAM_ROUTE and "
    "IDEOGRAM_BASE_URL."
)
_NOT_ENTITLED = (
    "{provider} does not let this bot's API key do that{said}. Nothing was charged; "
    "whoever runs this bot has to check what the account is entitled to."
)


_WRONG_PLACE = frozenset({404, 405, 415})


def _is_redirect(status: int | None) -> bool:
    return status is not None and status // 100 == 3  # noqa: PLR2004 - HTTP


def _sentence(
    kind: type[ProviderError],
    provider: str,
    detail: str,
    *,
    status: int | None,
    reason: str,
) -> str:
    template = _BY_KIND[kind]
    if kind is OutOfCredit:
        template = _NO_CREDIT.get(reason, template)
    elif kind is KeyRejected and status == 403:  # noqa: PLR2004 - HTTP
        template = _NOT_ENTITLED
    elif kind is RequestRejected and (status in _WRONG_PLACE or _is_redirect(status)):
        template = _MISDIRECTED
    elif kind is ProviderDown and not detail and status is not None:
        detail = f"HTTP {status}"
    said = f" ({detail})" if detail else ""
    return template.format(provider=provider, said=said)


def _detail(fields: Mapping[str, Any]) -> str:
    """Give what the answer says went wrong, on one line; "" when it says nothing."""
    for name in ("error", "detail", "message"):
        value = fields.get(name)
        if isinstance(value, dict):  # {"error": {"message": …}}, as OpenAI's own
            value = value.get("message")
        if isinstance(value, str) and value.strip():
            return _clean(value)
    return ""


def _clean(text: str) -> str:
    """Give foreign text on one line, short, without secrets or a full stop."""
    line = _SECRET.sub("***", " ".join(text.split())).rstrip(".")
    if len(line) > _LONGEST_DETAIL:
        line = line[: _LONGEST_DETAIL - 1] + "…"
    return line


# --- when to come back ------------------------------------------------------


def read_retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read Retry-After, in seconds or as a date by the server's own clock."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return min(timedelta(seconds=float(value)), _LONGEST_WAIT)
    at = _read_date(value)
    if at is None:
        return None
    wait = at - (_read_date(headers.get("date", "")) or now)
    return min(max(wait, timedelta(0)), _LONGEST_WAIT)


def _read_date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

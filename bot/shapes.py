"""The shapes of settings: how the text of a variable becomes a value, or is refused.

A shape says only yes or no; what the value should look like stands beside the setting.
Pure.
"""

import math
import re
from datetime import UTC, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from apscheduler.triggers.cron import CronTrigger
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

SQLITE_PREFIX = "sqlite:///"
FILE_PREFIX = "file:"
_HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
# A bucket's or container's name, and what stands before every key in it.
_BUCKET = re.compile(
    r"(s3|gs|az)://[A-Za-z0-9][A-Za-z0-9._-]{1,221}(/[A-Za-z0-9!_.*'()-]+)*/?"
)
_CHANNEL = re.compile(r"slack:[CDG][A-Z0-9]{2,30}|discord:[1-9][0-9]{4,20}")
_BIND = re.compile(r"[A-Za-z0-9_.:-]+")  # a name, or an address of either family


def _refuse_unless(is_right: object) -> None:
    if not is_right:
        raise ValueError


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _many(unit: timedelta) -> BeforeValidator:
    """Give what reads a number of *unit*."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        number = float(value)
        _refuse_unless(math.isfinite(number) and abs(number) < timedelta.max.days)
        return number * unit

    return BeforeValidator(read)


def _address(value: str) -> str:
    parts = urlsplit(value)
    _refuse_unless(parts.scheme in {"http", "https"} and parts.hostname)
    _refuse_unless(not parts.query and not parts.fragment and value.isascii())
    _refuse_unless("@" not in parts.netloc)  # a password is no part of an address
    _refuse_unless(parts.port != 0)  # reading it raises for what is no port
    return value.rstrip("/")


def _https(value: str) -> str:
    _refuse_unless(value.startswith("https://"))
    return value


def _alert_to(value: str) -> str:
    if not _CHANNEL.fullmatch(value):
        parts = urlsplit(value)
        _refuse_unless(parts.scheme in {"http", "https"} and parts.hostname)
        _refuse_unless(value.isascii() and value.isprintable() and " " not in value)
        _refuse_unless("@" not in parts.netloc and parts.port != 0)
    return value


def _host(value: str) -> str:
    _refuse_unless(_HOST.fullmatch(value))
    return value


def _bind(value: str) -> str:
    _refuse_unless(_BIND.fullmatch(value))
    return value


def _cron(value: str) -> str:
    CronTrigger.from_crontab(value, timezone=UTC)
    return value


def _database(value: str) -> str:
    path = value.removeprefix(SQLITE_PREFIX)
    _refuse_unless(path not in {value, "", ":memory:"} and "?" not in path)
    return value


def _files(value: str) -> str:
    if _BUCKET.fullmatch(value):
        return value.rstrip("/")
    path = value.removeprefix(FILE_PREFIX)
    is_host_named = path.startswith("//") and not path.startswith("///")
    _refuse_unless(path != value and path.strip("/") and not is_host_named)
    return value


def _secret(value: SecretStr) -> SecretStr:
    """Refuse what no HTTP header can carry: it was pasted wrongly."""
    text = value.get_secret_value()
    _refuse_unless(text.isascii() and text.isprintable() and " " not in text)
    return value


def begins(*prefixes: str) -> AfterValidator:
    """Give the check that a secret begins with one of *prefixes*."""

    def check(value: SecretStr) -> SecretStr:
        _refuse_unless(value.get_secret_value().startswith(prefixes))
        return value

    return AfterValidator(check)


Word = BeforeValidator(_lower)  # for the values of a closed set, in any case
Secret = Annotated[SecretStr, AfterValidator(_secret)]
Seconds = Annotated[timedelta, _many(timedelta(seconds=1))]
Hours = Annotated[timedelta, _many(timedelta(hours=1))]
Days = Annotated[timedelta, _many(timedelta(days=1))]
Address = Annotated[str, AfterValidator(_address)]  # without a slash at the end
HttpsAddress = Annotated[Address, AfterValidator(_https)]
Folder = Annotated[Address, AfterValidator(lambda address: f"{address}/")]
AlertTo = Annotated[str, AfterValidator(_alert_to)]
BindHost = Annotated[str, AfterValidator(_bind)]
Cron = Annotated[str, AfterValidator(_cron)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
FilesUrl = Annotated[str, AfterValidator(_files)]
_Host = Annotated[str, Word, AfterValidator(_host)]
Hosts = Annotated[tuple[_Host, ...], NoDecode, BeforeValidator(_split)]
_Number = Annotated[int, Field(gt=0)]
Numbers = Annotated[tuple[_Number, ...], NoDecode, BeforeValidator(_split)]

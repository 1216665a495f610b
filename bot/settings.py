"""Every setting, typed: read once, from the environment and from `.env`.

What must hold between settings, and how all problems are told at once, stands in
bot/loading.py.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    Field,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot import clouds, shapes
from bot.domain.models import RouteName


class LogFormat(StrEnum):
    """Who reads the log: people or machines."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The least that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class RetentionMessages(StrEnum):
    """What becomes of the message that shows a picture when retention takes the picture."""

    KEEP = "keep"
    DELETE = "delete"


class Settings(BaseSettings):
    """All settings. A field is its variable in lower case; its description the shape."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    ideogram_api_key: shapes.Secret | None = Field(
        None, description="the key for the route, without spaces"
    )
    ideogram_route: Annotated[RouteName, shapes.Word] = Field(
        RouteName.OFFICIAL, description="official, bearer, pixazo or sandbox"
    )
    ideogram_base_url: shapes.Address | None = Field(
        None, description="an address such as https://api.ideogram.ai"
    )
    ideogram_model: str = Field("V_2", description="a model such as V_2 or v2-turbo")
    ideogram_max_in_flight: int = Field(
        10, ge=1, le=1000, description="a whole number from 1 to 1000"
    )
    ideogram_timeout_s: shapes.Seconds = Field(
        timedelta(seconds=180),
        ge=timedelta(seconds=1),
        le=timedelta(hours=1),
        description="seconds from 1 to 3600",
    )
    ideogram_image_hosts: shapes.Hosts = Field(
        (),
        description="host names without scheme and port, separated by commas "
        "(ideogram.ai,*.example.com)",
    )
    ideogram_webhook_url: shapes.HttpsAddress | None = Field(
        None,
        description="the public https address of this bot's /webhooks/ideogram",
    )
    slack_bot_token: (
        Annotated[shapes.Secret, shapes.begins("xoxb-", "xoxe.xoxb-")] | None
    ) = Field(None, description="a bot token, which begins with xoxb-")
    slack_app_token: Annotated[shapes.Secret, shapes.begins("xapp-")] | None = Field(
        None, description="an app-level token, which begins with xapp-"
    )
    slack_signing_secret: shapes.Secret | None = Field(
        None, description="the app's signing secret, without spaces"
    )
    slack_base_url: shapes.Folder = Field(
        "https://slack.com/api/",
        description="an address such as https://slack.com/api/",
    )
    discord_token: shapes.Secret | None = Field(
        None, description="the bot's token, without spaces"
    )
    discord_base_url: shapes.Address = Field(
        "https://discord.com/api/v10",
        description="an address such as https://discord.com/api/v10",
    )
    discord_guild_ids: shapes.Numbers = Field(
        (), description="server ids, which are numbers, separated by commas"
    )
    discord_message_content: bool = Field(False, description="true or false")
    database_url: shapes.DatabaseUrl = Field(
        "sqlite:///data/ideogram-bot.db",
        description="sqlite:/// and the path of a file (sqlite:////var/bot.db when it is "
        "absolute); this version supports no other database",
    )
    files_url: shapes.FilesUrl = Field(
        "file:data/images",
        description="file: and the path of a folder (file:/var/images when it is "
        "absolute), or a bucket: s3://bucket/prefix, gs://bucket/prefix, "
        "az://container/prefix",
    )
    aws_endpoint_url: shapes.Address | None = Field(
        None, description="an address such as https://minio.example.com"
    )
    cdn_base_url: shapes.Address | None = Field(
        None, description="an address such as https://pictures.example.com"
    )
    copy_metadata: bool = Field(False, description="true or false")
    link_hours: shapes.Hours = Field(
        timedelta(hours=24),
        gt=timedelta(0),
        le=timedelta(days=7),  # the longest that S3 signs
        description="hours up to 168, fractions allowed",
    )
    http_host: shapes.BindHost = Field(
        "127.0.0.1", description="a host name or an IP address"
    )
    http_port: int = Field(
        8080, ge=0, le=65535, description="a whole number from 0 to 65535"
    )
    retention_days: int = Field(
        30,
        ge=0,
        le=36500,
        description="a whole number of days from 0 (keep for ever) to 36500",
    )
    retention_cron: shapes.Cron = Field(
        "17 3 * * *", description="five cron fields such as 17 3 * * *"
    )
    retention_messages: Annotated[RetentionMessages, shapes.Word] = Field(
        RetentionMessages.KEEP, description="keep or delete"
    )
    duplicate_days: shapes.Days = Field(
        timedelta(days=7),
        ge=timedelta(0),
        le=timedelta(days=36500),
        description="days from 0 (never ask) to 36500, fractions allowed",
    )
    policy_file: Path | None = Field(None, description="the path of a TOML file")
    job_attempts: int = Field(3, ge=1, le=20, description="a whole number from 1 to 20")
    job_backoff_s: shapes.Seconds = Field(
        timedelta(seconds=2),
        ge=timedelta(0),
        le=timedelta(hours=1),
        description="seconds from 0 to 3600, fractions allowed",
    )
    callback_secret: shapes.Secret | None = Field(
        None, description="a secret of your own, without spaces"
    )
    callback_allow_private: bool = Field(False, description="true or false")
    alert_to: shapes.AlertTo | None = Field(
        None,
        description="slack: and a channel's id (slack:C0123456789), discord: and a "
        "channel's id (discord:123456789012345678), or an https address",
    )
    log_level: Annotated[LogLevel, shapes.Word] = Field(
        LogLevel.INFO, description="debug, info, warning or error"
    )
    log_format: Annotated[LogFormat, shapes.Word] = Field(
        LogFormat.TEXT, description="text or json"
    )

    _bucket_environment: Mapping[str, str] = PrivateAttr(default_factory=dict)

    def model_post_init(self, _context: Any, /) -> None:
        """Read the clouds' variables, once, like all others."""
        self._bucket_environment = clouds.read(self.model_config.get("env_file"))

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str):
            return value
        return value.strip() or cls.model_fields[str(info.field_name)].get_default()

    @property
    def database_path(self) -> Path:
        """Give the file of DATABASE_URL."""
        return Path(self.database_url.removeprefix(shapes.SQLITE_PREFIX))

    @property
    def files_root(self) -> Path:
        """Give the folder of pictures: for a bucket, where they wait to be moved there.

        `file:/a` and `file:///a` are the same.
        """
        if self.has_bucket:
            return self.database_path.parent / "waiting"
        return Path(self.files_url.removeprefix(shapes.FILE_PREFIX).removeprefix("//"))

    @property
    def has_bucket(self) -> bool:
        """Say whether pictures go to a bucket."""
        return not self.files_url.startswith(shapes.FILE_PREFIX)

    @property
    def bucket_environment(self) -> Mapping[str, str]:
        """Give the variables that hold the bucket's credentials (AWS_…, AZURE_…, GOOGLE_…)."""
        return self._bucket_environment

    @property
    def has_slack_socket(self) -> bool:
        """Say whether Slack is to be served in Socket Mode."""
        return bool(self.slack_bot_token and self.slack_app_token)

    @property
    def has_slack_http(self) -> bool:
        """Say whether Slack is to be served over signed HTTP."""
        return bool(self.slack_bot_token and self.slack_signing_secret)

    @property
    def has_discord(self) -> bool:
        """Say whether Discord is to be served."""
        return self.discord_token is not None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Give every secret, for those who must never let one through."""
        values = (getattr(self, name) for name in type(self).model_fields)
        own = [v.get_secret_value() for v in values if isinstance(v, SecretStr)]
        # A key may stand in the address that alerts are sent to.
        own += [self.alert_to] if self.alert_to and "://" in self.alert_to else []
        return (*own, *clouds.secrets(self._bucket_environment))

"""Every setting, typed; every problem at once."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.models import RouteName
from bot.errors import ConfigError
from bot.loading import load_settings
from bot.settings import LogFormat, LogLevel, Settings
from bot.wiring import model_problem

KEY = {"IDEOGRAM_API_KEY": "key-1"}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch, tmp_path):
    """Whatever this machine has set, and its `.env`, stay out."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def problems(overrides, **needs):
    with pytest.raises(ConfigError) as caught:
        load_settings(overrides, **needs)
    return [problem.variable for problem in caught.value.problems]


def test_a_key_is_enough():
    """Everything but the key has the documented default."""
    settings = load_settings(KEY)

    assert settings.ideogram_route is RouteName.OFFICIAL
    assert settings.ideogram_model == "V_2"
    assert settings.ideogram_max_in_flight == 10
    assert settings.ideogram_timeout_s == timedelta(minutes=3)
    assert settings.database_path == Path("data/ideogram-bot.db")
    assert settings.files_root == Path("data/images")
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8080)
    assert (settings.retention_days, settings.retention_cron) == (30, "17 3 * * *")
    assert (settings.job_attempts, settings.job_backoff_s.seconds) == (3, 2)
    assert (settings.log_level, settings.log_format) == (LogLevel.INFO, LogFormat.TEXT)
    assert not settings.has_slack_socket
    assert not settings.has_slack_http
    assert not settings.has_discord


def test_the_environment_wins_over_the_file(monkeypatch, tmp_path):
    """Precedence: overrides, environment, `.env`, default."""
    Path(tmp_path / ".env").write_text(
        "HTTP_PORT=1\nJOB_ATTEMPTS=5\nRETENTION_DAYS=5\n"
    )
    monkeypatch.setenv("HTTP_PORT", "2")
    monkeypatch.setenv("JOB_ATTEMPTS", "6")

    settings = load_settings({**KEY, "HTTP_PORT": "3"})

    assert settings.http_port == 3
    assert settings.job_attempts == 6
    assert settings.retention_days == 5


def test_empty_is_unset(monkeypatch, tmp_path):
    """`HTTP_PORT=` is what people leave behind in a copied example."""
    Path(tmp_path / ".env").write_text("HTTP_PORT=\nDISCORD_GUILD_IDS=\n")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    monkeypatch.setenv("DATABASE_URL", "  ")

    settings = load_settings(KEY)

    assert settings.http_port == 8080
    assert settings.discord_guild_ids == ()
    assert settings.slack_bot_token is None
    assert settings.database_url == "sqlite:///data/ideogram-bot.db"


def test_an_empty_override_hides_the_environment(monkeypatch):
    """The sandbox serves no Slack, whatever is set."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("DISCORD_TOKEN", "token")

    settings = load_settings({**KEY, "SLACK_BOT_TOKEN": "", "DISCORD_TOKEN": ""})

    assert settings.slack_bot_token is None
    assert not settings.has_discord


def test_values_are_typed():
    """What the rest of the program gets is never text to be parsed again."""
    settings = load_settings(
        {
            "IDEOGRAM_ROUTE": "Sandbox",
            "IDEOGRAM_TIMEOUT_S": "1.5",
            "IDEOGRAM_IMAGE_HOSTS": "Pictures.example.com, *.example.org,127.0.0.1",
            "IDEOGRAM_BASE_URL": "http://127.0.0.1:9/",
            "SLACK_BASE_URL": "http://127.0.0.1:9/api",
            "DISCORD_GUILD_IDS": "12, 34",
            "DISCORD_MESSAGE_CONTENT": "true",
            "JOB_BACKOFF_S": "0.05",
            "LOG_FORMAT": "JSON",
        }
    )

    assert settings.ideogram_timeout_s == timedelta(seconds=1.5)
    assert settings.ideogram_image_hosts == (
        "pictures.example.com",
        "*.example.org",
        "127.0.0.1",
    )
    assert settings.ideogram_base_url == "http://127.0.0.1:9"
    assert settings.slack_base_url == "http://127.0.0.1:9/api/"
    assert settings.discord_guild_ids == (12, 34)
    assert settings.discord_message_content is True
    assert settings.job_backoff_s == timedelta(milliseconds=50)
    assert settings.log_format is LogFormat.JSON


@pytest.mark.parametrize(
    ("url", "path"),
    [
        pytest.param("sqlite:///a/b.db", "a/b.db", id="relative"),
        pytest.param("sqlite:////a/b.db", "/a/b.db", id="absolute"),
    ],
)
def test_the_database_is_a_file(url, path):
    assert load_settings({**KEY, "DATABASE_URL": url}).database_path == Path(path)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        pytest.param("file:a/b", "a/b", id="relative"),
        pytest.param("file:/a/b", "/a/b", id="absolute"),
        pytest.param("file:///a/b", "/a/b", id="absolute, in full"),
    ],
)
def test_the_files_are_in_a_folder(url, path):
    assert load_settings({**KEY, "FILES_URL": url}).files_root == Path(path)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("IDEOGRAM_API_KEY", "two words"),
        ("IDEOGRAM_API_KEY", "ké"),
        ("IDEOGRAM_ROUTE", "direct"),
        ("IDEOGRAM_BASE_URL", "api.ideogram.ai"),
        ("IDEOGRAM_BASE_URL", "http://host:port"),
        ("IDEOGRAM_BASE_URL", "http://user:password@host"),
        ("IDEOGRAM_MAX_IN_FLIGHT", "0"),
        ("IDEOGRAM_MAX_IN_FLIGHT", "2.5"),
        ("IDEOGRAM_TIMEOUT_S", "0"),
        ("IDEOGRAM_TIMEOUT_S", "inf"),
        ("IDEOGRAM_TIMEOUT_S", "1e300"),
        ("IDEOGRAM_TIMEOUT_S", "3 minutes"),
        ("IDEOGRAM_IMAGE_HOSTS", "https://example.com"),
        ("IDEOGRAM_IMAGE_HOSTS", "example.com:443"),
        ("IDEOGRAM_IMAGE_HOSTS", "a.*.com"),
        ("SLACK_BOT_TOKEN", "xoxp-1"),
        ("SLACK_APP_TOKEN", "xoxb-1"),
        ("SLACK_BASE_URL", "ftp://slack.com/api/"),
        ("DISCORD_GUILD_IDS", "12,home"),
        ("DISCORD_MESSAGE_CONTENT", "perhaps"),
        ("DATABASE_URL", "postgresql://me:secret-1@db/bot"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "bot.db"),
        ("FILES_URL", "s3://"),
        ("FILES_URL", "s3://b"),
        ("FILES_URL", "s3://bucket/pre fix"),
        ("FILES_URL", "ftp://bucket/prefix"),
        ("LINK_HOURS", "169"),
        ("DUPLICATE_DAYS", "-1"),
        ("RETENTION_MESSAGES", "perhaps"),
        ("FILES_URL", "file://server/share"),
        ("FILES_URL", "file:"),
        ("HTTP_HOST", "http://127.0.0.1"),
        ("HTTP_PORT", "65536"),
        ("HTTP_PORT", "http"),
        ("RETENTION_DAYS", "-1"),
        ("RETENTION_CRON", "61 * * * *"),
        ("RETENTION_CRON", "daily"),
        ("JOB_ATTEMPTS", "0"),
        ("JOB_BACKOFF_S", "-1"),
        ("JOB_BACKOFF_S", "nan"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_a_problem(variable, value):
    """A setting that is not understood is never guessed at, nor repeated."""
    complete = {**KEY, **SLACK, "DISCORD_TOKEN": "token", variable: value}

    with pytest.raises(ConfigError) as caught:
        load_settings(complete)

    assert [problem.variable for problem in caught.value.problems] == [variable]
    assert "secret-1" not in str(caught.value)


def test_every_problem_is_listed_at_once():
    """One round of corrections, not one for each mistake."""
    found = problems(
        {
            "JOB_ATTEMPTS": "0",
            "HTTP_PORT": "none",
            "SLACK_BOT_TOKEN": "xoxb-1",
            "IDEOGRAM_MODEL": "V_99",
        },
        check=model_problem,
    )

    assert found == [
        "HTTP_PORT",
        "JOB_ATTEMPTS",
        "SLACK_APP_TOKEN",
        "IDEOGRAM_API_KEY",
        "IDEOGRAM_MODEL",
    ]


def test_a_problem_says_what_to_do():
    """Variable, shape and remedy, in words."""
    with pytest.raises(ConfigError) as caught:
        load_settings({**KEY, "JOB_ATTEMPTS": "0"})

    assert str(caught.value) == (
        "The settings need attention:\n"
        "  JOB_ATTEMPTS: It should be a whole number from 1 to 20. "
        "Correct it, or remove it for the default."
    )


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        pytest.param({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN", id="app alone"),
        pytest.param({"SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN", id="http alone"),
        pytest.param({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN", id="no way in"),
    ],
)
def test_half_of_slack_is_a_problem(given, variable):
    """Slack is served or it is not; half a setting is a mistake."""
    assert problems({**KEY, **given}, needs_front_end=True) == [variable]


def test_a_wrong_token_is_not_called_missing():
    """One mistake is one problem."""
    assert problems({**KEY, **SLACK, "SLACK_BOT_TOKEN": "abc"}) == ["SLACK_BOT_TOKEN"]


def test_slack_may_come_both_ways():
    settings = load_settings({**KEY, **SLACK, "SLACK_SIGNING_SECRET": "s"})

    assert settings.has_slack_socket
    assert settings.has_slack_http


def test_reading_needs_no_key():
    """Looking at records costs nothing."""
    assert load_settings(needs_ideogram=False).ideogram_api_key is None


def test_the_simulator_needs_no_key():
    assert load_settings({"IDEOGRAM_ROUTE": "sandbox"}).ideogram_api_key is None


def test_running_needs_a_front_end():
    """A bot that nobody can talk to is a mistake; imagine and search need none."""
    found = problems(KEY, needs_front_end=True)

    assert found == ["SLACK_BOT_TOKEN, DISCORD_TOKEN"]
    assert load_settings({**KEY, "DISCORD_TOKEN": "t"}, needs_front_end=True)


@pytest.mark.parametrize(
    "target",
    [
        "slack:C0123456789",
        "discord:123456789012345678",
        "https://hooks.example.com/ops?key=4711",
    ],
)
def test_alerts_go_to_a_channel_or_an_address(target):
    both = {**KEY, **SLACK, "DISCORD_TOKEN": "token"}

    settings = load_settings({**both, "ALERT_TO": target}, needs_front_end=True)

    assert settings.alert_to == target
    assert (target in settings.secrets) == ("://" in target)


@pytest.mark.parametrize(
    ("target", "is_wrong_alone"),
    [
        ("C0123456789", True),
        ("slack:#ops", True),
        ("discord:ops", True),
        ("ftp://example.com", True),
        ("https://me:secret@example.com", True),
        ("slack:C0123456789", False),
        ("discord:123456789012345678", False),
        ("http://example.com/ops", False),
    ],
)
def test_alerts_that_nobody_would_see_are_a_problem(target, is_wrong_alone):
    """Commands that only read do not mind a platform that is not set up."""
    given = {**KEY, "ALERT_TO": target}

    assert "ALERT_TO" in problems(given, needs_front_end=True)
    if not is_wrong_alone:
        assert load_settings(given).alert_to == target


def test_secrets_do_not_show():
    """A settings object in a log or traceback gives nothing away."""
    settings = load_settings({**KEY, **SLACK, "DISCORD_TOKEN": "token-1"})

    assert "xoxb-1" not in repr(settings)
    assert set(settings.secrets) == {"key-1", "xoxb-1", "xapp-1", "token-1"}


def test_an_unreadable_file_is_a_problem(tmp_path):
    """A `.env` saved as UTF-16 by an editor."""
    (tmp_path / ".env").write_bytes("HTTP_PORT=1".encode("utf-16"))

    assert problems(KEY) == [".env"]


def test_other_variables_are_left_alone(monkeypatch):
    """A `.env` is shared with other programs."""
    monkeypatch.setenv("HTTP_PORTS", "1")
    Path(os.curdir, ".env").write_text("OTHER=1\n")

    assert load_settings(KEY).http_port == 8080

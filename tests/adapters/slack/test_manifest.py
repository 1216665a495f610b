"""The manifest against what the adapter does."""

import pytest

from adapters.slack.manifest import HTTP_PATH, manifest
from bot.errors import WrongInput
from tests.fakes.slack.arguments import METHODS


def test_every_method_has_its_scope():
    """A scope that is missing shows only when somebody asks for a picture."""
    scopes = set(manifest(None)["oauth_config"]["scopes"]["bot"])
    needed = {method.scope for method in METHODS.values() if method.scope}

    assert needed <= scopes


def test_socket_mode_needs_no_address():
    """Nothing has to be reachable from outside."""
    made = manifest(None)

    assert made["settings"]["socket_mode_enabled"]
    assert "url" not in str(made)


@pytest.mark.parametrize("typed", ["", "/", HTTP_PATH, f"{HTTP_PATH}/"])
def test_http_has_one_address_for_everything(typed):
    """Commands, events and actions arrive at one path, which nobody has to know."""
    made = manifest(f"https://bot.example{typed}")

    settings = made["settings"]
    url = "https://bot.example/slack/events"
    assert not settings["socket_mode_enabled"]
    assert settings["event_subscriptions"]["request_url"] == url
    assert settings["interactivity"]["request_url"] == url
    assert made["features"]["slash_commands"][0]["url"] == url


def test_a_proxy_may_have_a_path_of_its_own():
    made = manifest("https://example.com/bot")

    url = made["settings"]["interactivity"]["request_url"]
    assert url == "https://example.com/bot/slack/events"


@pytest.mark.parametrize(
    "url", ["", "bot.example.com", "http://bot.example.com", "https://", "https://[a"]
)
def test_an_address_slack_would_refuse_is_refused_here(url):
    """Slack says so only after everything was pasted."""
    with pytest.raises(WrongInput, match=r"https://bot\.example\.com"):
        manifest(url)

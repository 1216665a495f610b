"""The manifest against what the adapter does."""

from adapters.slack.manifest import manifest
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


def test_http_has_one_address_for_everything():
    """Commands, events and actions arrive at one path."""
    url = "https://bot.example/slack/events"
    made = manifest(url)

    settings = made["settings"]
    assert not settings["socket_mode_enabled"]
    assert settings["event_subscriptions"]["request_url"] == url
    assert settings["interactivity"]["request_url"] == url
    assert made["features"]["slash_commands"][0]["url"] == url

"""The variables of the clouds, as the settings hand them on."""

import os

import pytest

from bot.loading import load_settings

KEY = {"IDEOGRAM_API_KEY": "key-1"}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch, tmp_path):
    """Whatever this machine has set, and its `.env`, stay out."""
    for name in os.environ:
        if name.startswith(("AWS_", "AZURE_", "GOOGLE_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_environment_wins_over_the_file(monkeypatch, tmp_path):
    """Keys stand where the other settings stand."""
    (tmp_path / ".env").write_text("AWS_REGION=eu-west-1\nAWS_ACCESS_KEY_ID=a\nX=1\n")
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", " ")

    given = load_settings(KEY).bucket_environment

    assert given == {"AWS_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "a"}


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AZURE_STORAGE_ACCOUNT_KEY",
        "AZURE_STORAGE_SAS_TOKEN",
        "AZURE_CLIENT_SECRET",
        "GOOGLE_SERVICE_ACCOUNT_KEY",
    ],
)
def test_keys_are_secrets(monkeypatch, name):
    """What logs blot out, and nothing that shows the settings repeats."""
    monkeypatch.setenv(name, "made-up")

    settings = load_settings(KEY)

    assert "made-up" in settings.secrets
    assert "made-up" not in repr(settings)


def test_paths_and_regions_are_no_secrets(monkeypatch):
    """Logs stay readable."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/token")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/etc/google.json")

    assert set(load_settings(KEY).secrets) == {"key-1"}

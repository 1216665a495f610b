"""README and `.env.example` say what the code does: variables, flags, commands, layout."""

import re
import tomllib
from pathlib import Path

import discord
import pytest
import typer

from adapters.terminal.actions import Actions
from adapters.terminal.app import build_app
from bot.chat.actions import REPRODUCE_WORDS
from bot.chat.catalogue import COMMANDS
from bot.ideogram.catalog import MODELS
from bot.loading import load_settings
from bot.parsing.flags import FLAGS, options
from bot.policy.reading import SECTIONS
from bot.policy_file import read_text
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
# Resolutions are too many for a table.
LISTED = [option for option in options(MODELS) if option.flag != "res"]
_VALUE = re.compile(r"`([^`]+)`")


def section(title):
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title):
    """Give the table of a section: its lines as lists of cells, without the heading."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [re.split(r"\s*\|\s*", line[1:-1]) for line in lines[2:]]


def by_name(title):
    return {_VALUE.findall(cells[0])[0]: cells for cells in rows(title)}


def command_line():
    nothing = Actions(operations=None, screen=None)
    return typer.main.get_command(build_app(nothing)).commands


def test_the_rules_are_an_example_that_can_be_read():
    """Every section that there is stands in it."""
    [example] = re.findall(r"```toml\n(.*?)```", section("Rules"), re.DOTALL)
    settings = load_settings({"IDEOGRAM_ROUTE": "sandbox"})

    policy = read_text(example, settings)

    assert set(tomllib.loads(example)) == set(SECTIONS)
    assert len(policy.budgets) == 2
    assert policy.content.blocked_by("something by АCМЕ") == "blocked word acme"  # noqa: RUF001


def test_every_variable_is_there():
    assert set(by_name("Configuration")) == {
        name.upper() for name in Settings.model_fields
    }


def test_every_default_is_right(monkeypatch, tmp_path):
    """Setting each variable to its documented default changes nothing."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    documented = {
        name: _VALUE.findall(cells[1])[0]
        for name, cells in by_name("Configuration").items()
        if _VALUE.search(cells[1])
    }

    settings = load_settings(documented, needs_ideogram=False)

    assert settings == load_settings(needs_ideogram=False)
    unset = {name.upper() for name, value in settings if value in (None, (), False)}
    assert set(documented) | unset == set(by_name("Configuration"))


def test_the_example_holds_every_variable():
    """And its values are the defaults, so that uncommenting a line changes nothing."""
    example = (ROOT / ".env.example").read_text()

    given = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, flags=re.MULTILINE))

    assert set(given) == {name.upper() for name in Settings.model_fields}
    assert load_settings(given, needs_ideogram=False) == load_settings(
        dict.fromkeys(given, ""), needs_ideogram=False
    )


def test_every_flag_is_there():
    documented = {
        name: set(_VALUE.findall(cells[1]))
        for name, cells in by_name("What to type").items()
    }

    assert documented == {
        f"--{flag.name}": {
            f"-{alias}" if len(alias) == 1 else f"--{alias}" for alias in flag.aliases
        }
        for flag in FLAGS
    }


@pytest.mark.parametrize("option", LISTED, ids=lambda option: option.flag)
def test_every_allowed_value_is_there(option):
    values = _VALUE.findall(by_name("What to type")[f"--{option.flag}"][2])

    assert {choice.value for choice in option.choices} <= set(values)


def test_every_chat_command_is_there():
    text = section("What to type")

    for command in COMMANDS:
        assert f"`{command.name} {command.arguments}`".replace(" `", "`") in text
    for word in REPRODUCE_WORDS:
        assert f"`{word}`" in text


def test_every_terminal_command_is_there():
    documented = {name.split()[0]: cells for name, cells in by_name("Terminal").items()}

    assert set(documented) == set(command_line())
    for name, command in command_line().items():
        mentioned = set(re.findall(r"--[a-z-]+", " ".join(documented[name])))
        real = {option for parameter in command.params for option in parameter.opts}
        assert mentioned == {o for o in real if o.startswith("--")} - {"--json"}


def test_json_is_where_it_is_said_to_be():
    without = {
        name
        for name, command in command_line().items()
        if not any("--json" in parameter.opts for parameter in command.params)
    }

    assert without == {"run", "sandbox"}


def test_the_layout_is_right():
    """Every path in the table exists, and every package is in the table."""
    paths = set(by_name("Design"))
    packages = {
        f"{path.parent.relative_to(ROOT)}/"
        for top in ("bot", "adapters", "storage")
        for path in ROOT.glob(f"{top}/*/__init__.py")
    }

    assert [path for path in paths if not (ROOT / path).is_dir()] == []
    assert packages - paths == set()


def test_what_developers_are_told_to_run_exists():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    for line in re.findall(r"make ([a-z ]+)[`\n]", README):
        assert set(line.split()) <= set(targets)
    for path in re.findall(r"(?:tests|bench)/[\w/]+\.py", README):
        assert (ROOT / path).is_file(), path


def test_files_it_links_to_exist():
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", README):
        if not target.startswith("docs/"):
            assert (ROOT / target).is_file(), target


def test_the_invitation_asks_for_the_named_permissions():
    """Discord adds them up to one number, which nobody can proofread."""
    permissions = discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        create_public_threads=True,
        embed_links=True,
        attach_files=True,
        read_message_history=True,
    )

    assert f"permissions={permissions.value}`" in section("Discord")

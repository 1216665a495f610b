"""POLICY_FILE: read at the start, and anew when it changes."""

import os
import time

import pytest

from bot.domain.people import Person, Place, Platform
from bot.errors import ConfigError
from bot.loading import load_settings
from bot.policy.who import Asker
from bot.policy_file import CurrentPolicy, PolicyWatch, load_policy

ADA = Asker(
    person=Person(platform=Platform.SLACK, workspace_id="T1", user_id="U1"),
    place=Place(platform=Platform.SLACK, workspace_id="T1", channel_id="C1"),
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "policy.toml"


@pytest.fixture
def settings(file):
    return load_settings({"IDEOGRAM_ROUTE": "sandbox", "POLICY_FILE": str(file)})


@pytest.fixture
def write(file):
    """Write the file, an hour later each time: clocks of file systems are coarse."""
    hours = iter(range(1, 100))

    def write_it(text):
        file.write_text(text)
        later = time.time() + 3600 * next(hours)
        os.utime(file, (later, later))

    return write_it


@pytest.fixture
def watched(settings, write):
    """A policy that was read, and who watches its file."""
    write('admins = ["slack:U1"]')
    current = CurrentPolicy(load_policy(settings))
    return current, PolicyWatch(settings, current)


def is_admin(current):
    return current().permissions.is_admin(ADA)


def test_values_are_read_as_people_type_them(settings, write):
    write(
        '[[limits]]\nmodels = ["v2"]\nsizes = ["16x9", "1024x1024"]\n'
        '[[defaults]]\nflags = "--ar 16:9 --magic off"\n'
        '[[callbacks]]\nurl = "https://hooks.example.com/x"'
    )

    policy = load_policy(settings)

    [limit] = policy.permissions.limits
    assert limit.models == {"V_2"}
    assert limit.sizes == {"ASPECT_16_9", "1024x1024"}
    assert policy.flags_for(ADA) == "--ar 16:9 --magic off"


def test_every_wrong_value_is_named(settings, write):
    """And none is repeated: an address may hold a key."""
    write(
        '[[limits]]\nmodels = ["v99"]\nsizes = ["17:23"]\n'
        '[[defaults]]\nflags = "--arr 16:9"\n'
        '[[callbacks]]\nurl = "http://10.0.0.1/secret"'
    )

    with pytest.raises(ConfigError) as refused:
        load_policy(settings)

    places = [one.variable for one in refused.value.problems]
    assert places == [
        "POLICY_FILE, limits 1, models",
        "POLICY_FILE, limits 1, sizes",
        "POLICY_FILE, callbacks 1, url",
        "POLICY_FILE, defaults 1, flags",
    ]
    assert "secret" not in refused.value.text


async def test_a_changed_file_is_read_anew(watched, write):
    current, watch = watched

    await watch.look()
    before = is_admin(current)
    write("admins = []")
    await watch.look()

    assert (before, is_admin(current)) == (True, False)


async def test_a_broken_file_changes_nothing_and_is_told_once(watched, write, caplog):
    """All its problems in one line, and again only when it changes again."""
    current, watch = watched
    write('admins = ["nobody"]\n[[budgets]]\nusd = -1\nper = "day"')

    for _ in range(3):
        await watch.look()

    assert is_admin(current)
    [line] = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert "admins" in line
    assert "budgets 1, usd" in line

    write("admins = []")
    await watch.look()
    assert not is_admin(current)


async def test_a_file_that_is_gone_changes_nothing(watched, file, caplog):
    current, watch = watched
    file.unlink()

    await watch.look()

    assert is_admin(current)
    assert "cannot be read" in caplog.text


async def test_a_wish_reads_it_without_a_change(watched, settings, caplog):
    """SIGHUP, where a file system does not tell of changes."""
    _, watch = watched
    caplog.set_level("INFO")

    watch.ask()
    await watch.look()
    await watch.look()

    assert caplog.messages == ["POLICY_FILE read anew"]

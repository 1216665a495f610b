"""POLICY_FILE, read: rules, or every problem at once."""

from datetime import timedelta

import pytest

from bot.domain.people import Platform
from bot.errors import ConfigError
from bot.ideogram.catalog import MODELS
from bot.parsing.values import read_model
from bot.policy.policy import Policy
from bot.policy.reading import read_policy
from bot.policy.retention import RetentionRule


def read(text: str) -> Policy:
    return read_policy(text, read_model=lambda typed: read_model(typed, MODELS).name)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(text)
    return [str(problem) for problem in raised.value.problems]


def test_an_empty_file_is_no_policy():
    assert read("") == Policy()


def test_every_condition_is_read():
    text = """
        [[retention]]
        days = 7
        platform = "Slack"
        workspace = "T1"
        channel = "C1"
        tag = "#Big  Draft"
        model = "v2-turbo"
        unsafe = true
    """

    [rule] = read(text).retention

    assert rule == RetentionRule(
        keep_for=timedelta(days=7),
        platform=Platform.SLACK,
        workspace_id="T1",
        channel_id="C1",
        tag="big draft",
        model="V_2_TURBO",
        is_unsafe=True,
    )


def test_zero_days_are_for_ever_and_the_order_stays():
    rules = read("retention = [{days = 0, tag = 'a'}, {days = 1}]").retention

    assert [rule.keep_for for rule in rules] == [None, timedelta(days=1)]


@pytest.mark.parametrize("typed", ["V_2_TURBO", "v2-turbo", "v2turbo"])
def test_models_are_spelled_as_people_type_or_as_the_api_has_them(typed):
    [rule] = read(f"[[retention]]\ndays = 1\nmodel = '{typed}'").retention

    assert rule.model == "V_2_TURBO"


def test_every_problem_is_listed_at_once():
    """One look at the message is enough to put the file right."""
    text = """
        [retenton]
        [[retention]]
        chanel = "C1"
        [[retention]]
        days = "seven"
        platform = "irc"
        tag = " "
        model = "v9"
        unsafe = 1
    """

    told = problems(text)

    assert told[0] == (
        "POLICY_FILE, retenton: There is no such section. Did you mean retention?"
    )
    assert told[1:3] == [
        (
            "POLICY_FILE, retention 1, days: It is missing. Add it: a number of "
            "days; 0 keeps for ever."
        ),
        "POLICY_FILE, retention 1, chanel: There is no such key. Did you mean channel?",
    ]
    where = [line.partition(":")[0].rpartition(" ")[2] for line in told[3:]]
    assert where == ["days", "platform", "tag", "model", "unsafe"]
    assert "slack, discord, web, terminal" in told[4]
    assert "The models are v1" in told[6]


@pytest.mark.parametrize(
    "days",
    ["-1", "36501", "1.5", "true", "'7'"],
    ids=["negative", "too many", "fraction", "switch", "text"],
)
def test_days_are_a_whole_number(days):
    [told] = problems(f"[[retention]]\ndays = {days}")

    assert told.startswith(
        "POLICY_FILE, retention 1, days: It should be a whole number"
    )


def test_no_value_is_repeated():
    """A value may be anything, by mistake also a secret."""
    [told] = problems("[[retention]]\ndays = 'hunter2'")

    assert "hunter2" not in told


@pytest.mark.parametrize(
    "section", ["retention = 7", "[retention]\ndays = 7", "retention = [7]"]
)
def test_a_section_of_the_wrong_shape(section):
    assert problems(section) == [
        "POLICY_FILE, retention: It should be a list of tables. Write [[retention]]."
    ]


def test_what_is_no_toml_is_told_with_its_place():
    [told] = problems("[[retention]]\ndays = \n")

    assert told.startswith("POLICY_FILE: It is no TOML: something is wrong at line 2,")


def test_an_unknown_key_without_a_neighbour_lists_what_there_is():
    [told] = problems("[[retention]]\ndays = 1\nzzzz = 1")

    assert told.endswith(
        "Possible: days, platform, workspace, channel, tag, model, unsafe."
    )

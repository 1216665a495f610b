"""What a person reads at the end of a job."""

from dataclasses import replace

import pytest

from bot.domain.people import Platform, Visibility
from bot.jobs import texts
from tests.fakes.values import PERSON, make_job


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({}, "Done. It is in the channel.", id="posted"),
        pytest.param(
            {"place": replace(make_job().place, visibility=Visibility.OWNER)},
            "Done. It is in our direct messages.",
            id="posted in a direct message",
        ),
        pytest.param(
            {"keeps_unsafe": True},
            "Done. It is in the channel; what Ideogram calls unsafe is in a direct "
            "message instead.",
            id="where an unsafe one goes elsewhere",
        ),
        pytest.param(
            {"person": replace(PERSON, platform=Platform.TERMINAL)},
            "Done.",
            id="at the terminal",
        ),
    ],
)
def test_where_the_picture_is(changes, told):
    assert texts.ended(make_job(**changes)).text == told

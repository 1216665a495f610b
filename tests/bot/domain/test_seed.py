"""Pictures of the seed document's list, found again by what was asked for."""

from dataclasses import replace

import pytest

from bot.domain.exchange import as_seed_json
from bot.domain.request import prompt_hash
from bot.domain.seed import from_seed_json
from bot.ideogram.catalog import MODELS
from bot.parsing.resolve import parse_request
from tests.fakes.values import make_record


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        pytest.param("A  Fox", {}, id="nothing but a prompt"),
        pytest.param(
            "a fox --ar 16:9 --style design --no text",
            {
                "aspect_ratio": "ASPECT_16_9",
                "style_type": "DESIGN",
                "negative_prompt": "text",
            },
            id="flags",
        ),
        pytest.param(
            "a fox --res 1280x720",
            {"aspect_ratio": None, "resolution": "1280x720"},
            id="a resolution",
        ),
        pytest.param("a fox --model v2-turbo", {"model": "V_2_TURBO"}, id="model"),
    ],
)
def test_an_imported_picture_has_the_hash_of_its_command(typed, drawn):
    """As if it had been asked for here."""
    record = replace(make_record(), **drawn)

    imported = from_seed_json(as_seed_json(record))

    request = parse_request(typed, options={}, models=MODELS, default_model="V_2")
    assert imported.prompt_hash == prompt_hash(request)


def test_a_resolution_is_not_the_default_shape():
    """A picture of another size would be offered in its place."""
    square = as_seed_json(make_record())
    wide = as_seed_json(
        replace(make_record(), aspect_ratio=None, resolution="1280x720")
    )

    assert from_seed_json(wide).prompt_hash != from_seed_json(square).prompt_hash

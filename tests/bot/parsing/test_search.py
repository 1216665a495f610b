"""What a search says."""

import pytest

from bot.errors import WrongInput
from bot.parsing.search import SearchText, parse_search
from tests.bot.parsing.models import MODELS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", SearchText(), id="nothing"),
        pytest.param("red  fox", SearchText(words="red fox"), id="words"),
        pytest.param('"--ar fox"', SearchText(words="--ar fox"), id="quoted"),
        pytest.param("--seed 0", SearchText(seed=0), id="seed"),
        pytest.param(
            "--tag A fox --tags b, a —tag c",
            SearchText(words="fox", tags=("a", "b", "c")),
            id="tags add up",
        ),
        pytest.param("fox -m v2", SearchText(words="fox", model="V_2"), id="model"),
    ],
)
def test_reads(text, expected):
    """Words and flags in any order."""
    assert parse_search(text, models=MODELS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "fox --ar 1:1",
            "Character 5: --ar is not a flag. The flags are --seed, --tag, --model."
            " Nothing was searched.",
            id="flag of another command",
        ),
        pytest.param(
            "fox --sede 4",
            "Character 5: --sede is not a flag. Did you mean --seed?"
            " Nothing was searched.",
            id="misspelled",
        ),
        pytest.param(
            "--seed x",
            "Character 8: x is not a seed: it is a whole number from 0 to 2147483647."
            " Nothing was searched.",
            id="seed",
        ),
        pytest.param(
            "-m v9",
            "Character 4: v9 is not a model here. The models are v1, v2, v2a-turbo, v3."
            " Nothing was searched.",
            id="model",
        ),
        pytest.param(
            "--seed 1 --seed 2",
            "Character 10: --seed is given twice, first at character 1."
            " Keep one of them. Nothing was searched.",
            id="twice",
        ),
    ],
)
def test_refuses(text, expected):
    """As finished as the refusals of a request."""
    with pytest.raises(WrongInput) as caught:
        parse_search(text, models=MODELS)

    assert caught.value.text == expected

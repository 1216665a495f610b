"""Which requests ask for the same kind of picture."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.request import ImageRequest, MagicPrompt, prompt_hash

FOX = {"prompt": "a fox in a suit", "model": "V_2", "negative_prompt": "text"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
FORMS = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])
SPACES = st.sampled_from([" ", "  ", "\t", "\n", "\u00a0", "\u3000"])


def hash_of(**changes):
    return prompt_hash(ImageRequest(**FOX | changes))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"prompt": "A Fox IN a suit"}, id="case"),
        pytest.param({"prompt": " a  fox\tin a\nsuit "}, id="spacing"),
        pytest.param(
            {"prompt": "\uff41 \uff46\uff4f\uff58 in a suit"}, id="wide letters"
        ),
        pytest.param({"negative_prompt": " TEXT "}, id="what to avoid, likewise"),
        pytest.param({"style_type": "AUTO"}, id="the default style"),
        pytest.param({"aspect_ratio": "ASPECT_1_1"}, id="the default shape"),
        pytest.param({"rendering_speed": "DEFAULT"}, id="the default speed"),
        pytest.param({"seed": 7}, id="seed"),
        pytest.param({"count": 4}, id="number"),
        pytest.param({"tags": ("campaign",)}, id="tags"),
        pytest.param({"formats": ("og-image",)}, id="sizes beside it"),
        pytest.param({"is_private": True}, id="who sees it"),
    ],
)
def test_what_does_not_make_another_picture(changes):
    """Or is chosen by the bot, or is about where it goes."""
    assert hash_of(**changes) == hash_of()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"prompt": "a fox in the suit"}, id="a word"),
        pytest.param({"prompt": "a foxin a suit"}, id="a space fewer"),
        pytest.param({"prompt": "a fox, in a suit"}, id="punctuation"),
        pytest.param({"negative_prompt": None}, id="what to avoid"),
        pytest.param({"model": "V_2_TURBO"}, id="model"),
        pytest.param({"style_type": "DESIGN"}, id="style"),
        pytest.param({"aspect_ratio": "ASPECT_16_9"}, id="shape"),
        pytest.param({"resolution": "1024x1024"}, id="resolution"),
        pytest.param({"magic_prompt": MagicPrompt.OFF}, id="magic prompt"),
        pytest.param({"color_palette": "JUNGLE"}, id="palette"),
        pytest.param({"rendering_speed": "TURBO"}, id="speed"),
    ],
)
def test_what_makes_another_picture(changes):
    """Offering that instead would be wrong."""
    assert hash_of(**changes) != hash_of()


def test_the_words_to_avoid_are_not_the_words_to_draw():
    """Moved from one field to the other they mean the opposite."""
    swapped = hash_of(prompt="text", negative_prompt="a fox in a suit")

    assert swapped != hash_of()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Straße", "STRASSE", id="sharp s"),
        pytest.param("caf\u00e9", "cafe\u0301", id="composed and not"),
        pytest.param("ﬁsh", "fish", id="ligature"),
        pytest.param("ΌΣΟΣ", "όσος", id="final sigma"),
        pytest.param("①", "1", id="circled"),
    ],
)
def test_ways_to_write_a_letter(one, other):
    """Keyboards differ, what is meant does not."""
    assert hash_of(prompt=one) == hash_of(prompt=other)


@given(text=TEXTS, form=FORMS, space=SPACES)
def test_form_and_spacing_never_count(text, form, space):
    """Whatever is typed."""
    other = space.join(["", *unicodedata.normalize(form, text).split(), ""])

    assert hash_of(prompt=other) == hash_of(prompt=text)

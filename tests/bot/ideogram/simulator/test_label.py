"""The label on a simulated picture."""

import pytest
from PIL import Image

from bot.ideogram.simulator.label import add_label
from bot.ideogram.simulator.picture import Picture

COLORS = ((10, 20, 30), (200, 90, 40))


def label(prompt):
    picture = Picture(
        prompt=prompt,
        seed=1,
        model="V_2",
        width=512,
        height=512,
        style=None,
        palette=(),
    )
    return add_label(Image.new("RGB", (512, 512)), picture, COLORS).tobytes()


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("Größe „riesig“", 'Grosse "riesig"'),
        ("café — l\u2019été", "cafe - l'ete"),
        ("smørrebrød\nŁódź", "smorrebrod Lodz"),
        ("狐 🦊", "? ?"),
    ],
    ids=["German", "French", "others", "none of them letters it has"],
)
def test_letters_the_font_lacks_are_drawn_as_near_as_can_be(prompt, shown):
    """The built-in font has ASCII alone, and draws crossed boxes for the rest."""
    assert label(prompt) == label(shown)

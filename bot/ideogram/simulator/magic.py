"""Magic prompt, simulated: the prompt with some words more, others every time."""

_LIGHT = (
    "in soft morning light",
    "under a pale winter sun",
    "lit by warm lanterns",
    "in clear studio light",
    "against a glowing sunset",
    "in the blue hour",
    "under drifting clouds",
)
_DETAIL = (
    "with fine, tactile detail",
    "with a calm, balanced composition",
    "with bold shapes and generous space",
    "with delicate textures",
    "with a playful sense of scale",
    "with deep, layered shadows",
    "with crisp edges and rich colour",
    "with a hint of mist",
    "with a single bright accent",
)
_MOOD = (
    "The mood is quiet and curious.",
    "The scene feels warm and alive.",
    "A touch of wonder hangs in the air.",
    "Everything is still, just before something happens.",
    "The whole is cheerful and light.",
)
# The lists' lengths have no common divisor, so as many calls in a row differ.
VARIANTS = len(_LIGHT) * len(_DETAIL) * len(_MOOD)


def expand(prompt: str, variant: int) -> str:
    """Give *prompt* expanded in one of `VARIANTS` ways."""
    light = _LIGHT[variant % len(_LIGHT)]
    detail = _DETAIL[variant % len(_DETAIL)]
    mood = _MOOD[variant % len(_MOOD)]
    return f"{prompt.rstrip(' .,')}, {light}, {detail}. {mood}"

"""What a search says: words, and the flags that narrow it."""

from dataclasses import dataclass, replace

from bot.domain.models import Models
from bot.parsing import grammar, values
from bot.parsing.grammar import Given, Shape, Takes
from bot.parsing.refusal import NOTHING_SEARCHED, located, refusing

_SHAPES = (
    Shape(name="seed", example="--seed 42"),
    Shape(
        name="tag",
        aliases=("tags",),
        takes=Takes.LIST,
        example="--tag fox",
        is_repeatable=True,
    ),
    Shape(name="model", aliases=("m",), example="--model v2"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchText:
    """What to look for; all that is given must hold. `model` is a record's spelling."""

    words: str | None = None
    seed: int | None = None
    tags: tuple[str, ...] = ()
    model: str | None = None


def parse_search(text: str, *, models: Models) -> SearchText:
    """Give what `WORDS --seed N --tag T --model M` asks for; `--tag` may be repeated.

    Raises: WrongInput with a finished text.
    """
    with refusing(NOTHING_SEARCHED):
        typed = grammar.read(text, _SHAPES)
        found = SearchText(
            words=values.read_prompt(typed.prompt, noun="search") or None
        )
        for one in typed.given:
            with located(one.value_position):
                found = _narrow(found, one, models)
        return found


def _narrow(search: SearchText, one: Given, models: Models) -> SearchText:
    match one.name:
        case "seed":
            return replace(search, seed=values.read_seed(one.value))
        case "model":
            return replace(search, model=values.read_model(one.value, models).name)
        case _:
            tags = (*search.tags, *values.read_tags(one.value))
            return replace(search, tags=tuple(dict.fromkeys(tags)))

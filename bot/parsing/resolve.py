"""What was typed to what is asked: flags and menu options to one ImageRequest.

Options of a menu win over flags in the text. What the model does not take is refused here,
before anything costs money.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from bot.domain.models import ImageModel, Models
from bot.domain.request import ImageRequest
from bot.errors import WrongInput
from bot.parsing import grammar, values
from bot.parsing.flags import BY_NAME, FLAGS, Flag
from bot.parsing.grammar import Given
from bot.parsing.refusal import NOTHING_DRAWN, excerpt, listed, located, refusing

_NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
_EXAMPLE = "a fox in a suit, studio light --ar 16:9"


def parse_request(
    text: str,
    *,
    options: Mapping[str, str] = _NO_OPTIONS,
    models: Models,
    default_model: str,
    defaults: str = "",
) -> ImageRequest:
    """Give the request that *text* and *options* (by flag name: `ar`) make.

    *defaults* are flags (`--ar 16:9`) that hold where neither says otherwise. The seed stays
    None when none was asked for. `default_model` may be a model's name or flag.
    Raises: WrongInput with a finished text.
    """
    with refusing(NOTHING_DRAWN):
        typed = grammar.read(text, FLAGS)
        given = _merge(typed.given, options)
        given = [*_unsaid(read_flags(defaults), given), *given]
        refuse_two_sizes(given)
        asked = read_fields(given, models, default_model)
        return ImageRequest(prompt=_read_prompt(typed.prompt), **asked)


def read_flags(text: str) -> tuple[Given, ...]:
    """Give the flags of a text that holds nothing else. Raises: WrongInput."""
    typed = grammar.read(text, FLAGS)
    if typed.prompt:
        raise WrongInput(
            f"{excerpt(typed.prompt)} is no flag. Only flags may stand here, as in "
            "--ar 16:9.",
            position=typed.prompt_position,
        )
    return typed.given


def with_defaults(text: str, defaults: str) -> str:
    """Give the flags of *text*, and those of *defaults* it says nothing about."""
    weak = _unsaid(read_flags(defaults), read_flags(text))
    return " ".join([text, *(_typed(one) for one in weak)]).strip()


def read_fields(
    given: Iterable[Given], models: Models, default_model: str
) -> dict[str, Any]:
    """Give the fields of ImageRequest that were asked for, and always the model."""
    by_name = {one.name: one for one in given}
    model = _read_model(by_name.pop("model", None), models, default_model)
    fields = {
        BY_NAME[name].field: _read_value(one, model, models)
        for name, one in by_name.items()
    }
    return {**fields, "model": model.name}


def refuse_two_sizes(given: Iterable[Given]) -> None:
    """Raise WrongInput when both a ratio and a resolution were asked for."""
    sizes = [one for one in given if one.name in {"ar", "res"}]
    if len(sizes) > 1:
        raise WrongInput(
            "--res and --ar do not go together. Keep one of them.",
            position=sizes[-1].position,
        )


def _merge(typed: Iterable[Given], options: Mapping[str, str]) -> list[Given]:
    chosen = {
        name: Given(name=name, value=values.read_text(value))
        for name, value in options.items()
        if value.strip()
    }
    for name in chosen.keys() - BY_NAME.keys():
        raise WrongInput(f"{excerpt(name)} is not an option.")
    return [*_unsaid(typed, chosen.values()), *chosen.values()]


def _unsaid(weak: Iterable[Given], strong: Iterable[Given]) -> list[Given]:
    """Give those of *weak* that *strong* says nothing about."""
    said = {one.name for one in strong}
    if said & {"ar", "res"}:  # two ways to say one thing
        said |= {"ar", "res"}
    return [one for one in weak if one.name not in said]


def _typed(given: Given) -> str:
    value = f'"{given.value}"' if " " in given.value else given.value
    return f"--{given.name} {value}".strip()


def _read_model(one: Given | None, models: Models, default_model: str) -> ImageModel:
    if one is None:
        return values.read_model(default_model, models)
    with located(one.value_position):
        return values.read_model(one.value, models)


def _read_value(one: Given, model: ImageModel, models: Models) -> object:
    flag = BY_NAME[one.name]
    if not flag.is_taken_by(model):
        raise WrongInput(_not_taken(flag, model, models), position=one.position)
    with located(one.value_position or one.position):
        return flag.read(one.value, model, models)


def _not_taken(flag: Flag, model: ImageModel, models: Models) -> str:
    takers = [other.flag for other in models.values() if flag.is_taken_by(other)]
    if not takers:
        return f"No model here takes --{flag.name}. Leave it out."
    verb = "takes" if len(takers) == 1 else "take"
    return f"{model.flag} does not take --{flag.name}; {listed(takers)} {verb} it."


def _read_prompt(typed: str) -> str:
    prompt = values.read_prompt(typed, noun="prompt")
    if not prompt:
        raise WrongInput(f"Say what to draw, for example: {_EXAMPLE}.")
    return prompt

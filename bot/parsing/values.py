"""Values that do not depend on a model: numbers, switches, tags, names of models.

Readers take what was typed and give what an ImageRequest holds, or raise WrongInput with a
sentence; who calls them knows the position.
"""

import re
from collections.abc import Collection

from bot.domain.models import ImageModel, Models
from bot.domain.request import MAX_PROMPT, MAX_SEED, MagicPrompt
from bot.errors import WrongInput
from bot.parsing import words
from bot.parsing.refusal import excerpt, sentences
from bot.parsing.suggest import closest, did_you_mean

MAX_TAGS = 20
MAX_TAG = 50  # characters
_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})
# They would not survive being typed again.
_NOT_IN_TAGS = re.compile('["\u201c\u201d\u201e\u201f\u00ab\u00bb\\\\]')


def read_number(typed: str, *, noun: str, least: int, most: int) -> int:
    """Give a whole number between *least* and *most*."""
    if re.fullmatch("[0-9]{1,12}", typed) and least <= int(typed) <= most:
        return int(typed)
    raise WrongInput(
        f"{excerpt(typed)} is not {noun}: it is a whole number from {least} to {most}."
    )


def read_seed(typed: str) -> int:
    """Give a seed in Ideogram's range."""
    return read_number(typed, noun="a seed", least=0, most=MAX_SEED)


def read_switch(typed: str) -> bool:
    """Give whether a switch is on; a flag without a value is."""
    if typed.lower() in _YES or not typed:
        return True
    if typed.lower() in _NO:
        return False
    raise WrongInput(f"{excerpt(typed)} is neither true nor false.")


def read_magic(typed: str) -> MagicPrompt:
    """Give whether the provider may rewrite the prompt."""
    names = [option.value.lower() for option in MagicPrompt]
    return MagicPrompt(_read_name(typed, names, noun="a setting of --magic").upper())


def read_model(typed: str, models: Models) -> ImageModel:
    """Give the model that `v2-turbo`, `V_2_TURBO` or `v2turbo` names."""
    if typed in models:
        return models[typed]
    by_key = {
        _bare(name): model
        for model in models.values()
        for name in (model.name, model.flag)
    }
    if _bare(typed) in by_key:
        return by_key[_bare(typed)]
    flags = [model.flag for model in models.values()]
    raise WrongInput(
        sentences(
            f"{excerpt(typed)} is not a model here.",
            did_you_mean(closest(typed, flags)),
            f"The models are {', '.join(flags)}.",
        )
    )


def read_tags(typed: str) -> tuple[str, ...]:
    """Give the tags of a comma-separated list.

    Nothing gives none. Tags are lower-case, single-spaced, without quotes and leading `#`,
    each once, so that a search finds them however they were typed.
    """
    tags = tuple(dict.fromkeys(filter(None, map(_read_tag, typed.split(",")))))
    if len(tags) > MAX_TAGS:
        raise WrongInput(f"{len(tags)} tags are too many; {MAX_TAGS} are possible.")
    return tags


def read_prompt(typed: str, *, noun: str) -> str:
    """Give plain words that are not too long for the provider."""
    text = read_text(typed)
    if len(text) > MAX_PROMPT:
        raise WrongInput(
            f"The {noun} has {len(text):,} characters; {MAX_PROMPT:,} are possible."
        )
    return text


def read_text(typed: str) -> str:
    """Give plain words, single-spaced and printable."""
    return " ".join(words.clean(typed).split())


def _read_tag(typed: str) -> str:
    tag = read_text(_NOT_IN_TAGS.sub("", typed)).lstrip("# ").lower()
    if len(tag) > MAX_TAG:
        raise WrongInput(
            f"The tag {excerpt(tag)} is too long; {MAX_TAG} characters are possible."
        )
    return tag


def _read_name(typed: str, names: Collection[str], *, noun: str) -> str:
    if typed.lower() in names:
        return typed.lower()
    raise WrongInput(
        sentences(
            f"{excerpt(typed)} is not {noun}.",
            did_you_mean(closest(typed, names)),
            f"Possible: {', '.join(names)}.",
        )
    )


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())

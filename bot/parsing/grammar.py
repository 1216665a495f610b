"""The grammar of what people type: prompt and flags, with positions counted from 1.

A flag is a word that begins with two dashes or one long one (phones make `—ar` of `--ar`), or
with a single hyphen before a name the table knows (`-m`); it may stand anywhere. A hyphen inside
a word, a dash between spaces and a negative number are text. Newlines are spaces.

A lone `--` at the very beginning is dropped (`-- history of art` is a prompt, no command);
every later one is text, as is a lone `—`: people write dashes in prose. A word that begins
with a dash and is no flag is refused, not drawn; quotes or a backslash make it text.
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.errors import WrongInput
from bot.parsing import words
from bot.parsing.refusal import excerpt, sentences
from bot.parsing.suggest import closest, did_you_mean
from bot.parsing.words import DASHES, Word

_FLAG = re.compile(
    rf"(?P<dashes>[{re.escape(DASHES)}]+)(?P<name>\w[^\s=]*)(?P<value>=.*)?", re.DOTALL
)
_LONG_DASHES = "—\u2015"
_STRAY = ",;."  # punctuation a sentence leaves behind a flag or its value
_TYPO = 0.75  # how near to a flag a word with one hyphen must be not to pass as text
_SHORTEST_TYPO = 4


class Takes(Enum):
    """How much after a flag is its value."""

    NOTHING = auto()
    WORD = auto()
    LIST = auto()  # goes on behind a comma
    COLORS = auto()  # goes on behind a comma with `#`
    WORDS = auto()  # up to the next flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A flag as the grammar sees it; names are without dashes."""

    name: str
    aliases: tuple[str, ...] = ()
    takes: Takes = Takes.WORD
    example: str = ""
    is_repeatable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A flag that was typed; *name* is the table's, *value* "" when it takes none."""

    name: str
    value: str
    position: int | None = None
    value_position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A whole text, read."""

    prompt: str
    prompt_position: int | None
    given: tuple[Given, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """A word that is a flag; *value* is what stands behind its `=`."""

    shape: Shape
    word: Word
    value: Word | None


def read(text: str, shapes: Sequence[Shape]) -> Typed:
    """Give prompt and flags of *text*.

    Raises: WrongInput with the position, for the caller to finish.
    """
    queue = deque(words.split(words.clean(text)))
    if queue and _is_lone_dash(queue[0]):
        queue.popleft()
    names = {name: shape for shape in shapes for name in (shape.name, *shape.aliases)}
    prompt: list[Word] = []
    given: list[Given] = []
    while queue:
        word = queue.popleft()
        use = _read_flag(word, names)
        if use is None:
            prompt.append(word)
        else:
            given.append(_take(use, queue, names))
    _refuse_repeated(given, shapes)
    return Typed(
        prompt=words.joined(prompt),
        prompt_position=prompt[0].position if prompt else None,
        given=tuple(given),
    )


def _is_lone_dash(word: Word) -> bool:
    return word.raw == "--" or (len(word.raw) == 1 and word.raw in "–—")


def _read_flag(word: Word, names: dict[str, Shape]) -> _Use | None:
    """Give the flag that *word* is, None when it is text.

    Raises: WrongInput when it can only be a mistyped flag.
    """
    match = _FLAG.match(word.raw)
    if match is None:
        return None
    name = match["name"].rstrip(_STRAY).lower()
    if name in names:
        return _Use(shape=names[name], word=word, value=_value_behind(word, match))
    is_typo = _looks_like_a_flag(match["dashes"], name) or _is_near(name, names)
    if is_typo:
        raise _unknown(match["dashes"] + match["name"], name, names, word.position)
    return None


def _looks_like_a_flag(dashes: str, name: str) -> bool:
    if len(dashes) > 1:
        return True
    if dashes in _LONG_DASHES:
        return name.isascii()  # elsewhere a dash opens direct speech: —Привет
    return dashes == "–" and name.isascii() and name[:1].isalpha()  # –5 is minus five


def _is_near(name: str, names: dict[str, Shape]) -> bool:
    return (
        len(name) >= _SHORTEST_TYPO and closest(name, names, likeness=_TYPO) is not None
    )


def _unknown(
    typed: str, name: str, names: dict[str, Shape], position: int
) -> WrongInput:
    near = closest(name, [known for known in names if len(known) > 1])
    near = near or next((known for known in names if _is_glued(name, known)), None)
    flags = ", ".join(dict.fromkeys(f"--{shape.name}" for shape in names.values()))
    hint = "A dash of the prompt needs a space behind it." if typed[0] in "–—" else ""
    return WrongInput(
        sentences(
            f"{excerpt(typed)} is not a flag.",
            did_you_mean(f"--{near}")
            if near
            else f"The flags are {flags}. {hint}".strip(),
        ),
        position=position,
    )


def _is_glued(name: str, known: str) -> bool:
    """Say whether *name* is a known one with its value stuck on: `ar16:9`."""
    rest = name.removeprefix(known)
    return rest != name and not rest[0].isalpha()


def _value_behind(word: Word, match: re.Match[str]) -> Word | None:
    """Give what stands behind the `=`, if anything does."""
    behind = words.split((match["value"] or "")[1:])
    if not behind:
        return None
    start = word.start + match.start("value") + 1
    value = behind[0]
    return Word(text=value.text, raw=value.raw, start=start, inner=value.inner)


def _take(use: _Use, queue: deque[Word], names: dict[str, Shape]) -> Given:
    """Take the value of a flag off the queue."""
    taken = [use.value] if use.value else []
    takes = use.shape.takes
    while queue and _goes_on(takes, taken, queue[0]):
        if _read_flag(queue[0], names) is not None:
            break
        taken.append(queue.popleft())
    value = words.joined(taken)
    if takes is Takes.WORD:
        value = value.rstrip(_STRAY)
    if not value and takes is not Takes.NOTHING:
        raise WrongInput(
            f"--{use.shape.name} needs a value, as in {use.shape.example}.",
            position=use.word.position,
        )
    return Given(
        name=use.shape.name,
        value=value,
        position=use.word.position,
        value_position=taken[0].position if taken else None,
    )


def _goes_on(takes: Takes, taken: Sequence[Word], following: Word) -> bool:
    match takes:
        case Takes.NOTHING:
            return False
        case Takes.WORDS:
            return True
        case _ if not taken:
            return True
        case Takes.WORD:
            return False
    has_comma = taken[-1].text.endswith(",") or following.text.startswith(",")
    if takes is Takes.COLORS:
        return has_comma and following.text.lstrip(",").startswith("#")
    return has_comma


def _refuse_repeated(given: Sequence[Given], shapes: Sequence[Shape]) -> None:
    first: dict[str, int | None] = {}
    repeatable = {shape.name for shape in shapes if shape.is_repeatable}
    for one in given:
        if one.name in first and one.name not in repeatable:
            raise WrongInput(
                f"--{one.name} is given twice, first at character {first[one.name]}. "
                "Keep one of them.",
                position=one.position,
            )
        first.setdefault(one.name, one.position)

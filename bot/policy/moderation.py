"""What may not stand in a prompt, whatever letters it is spelled with. Pure.

Text is folded before it is compared: letters that look alike are one (Unicode Technical
Standard 39), accents and invisible characters are dropped, case does not count.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bot.domain.request import MagicPrompt

_FILLERS = "\u115f\u1160"  # letters of Hangul that show nothing
_INVISIBLE = {"Mn", "Me", "Cf"}  # accents, enclosing marks, joiners and the like
_APART = r"[\W_]*"  # what people put between the letters of a word


class Unsafe(StrEnum):
    """What becomes of a picture that Ideogram calls unsafe, where it sends one."""

    DROP = "drop"
    SPOILER = "spoiler"
    ADMINS = "admins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What prompts may hold, and what is added to them."""

    blocked_words: tuple[str, ...] = ()
    blocked_patterns: tuple[re.Pattern[str], ...] = ()
    suffix: str = ""
    magic: tuple[MagicPrompt, ...] = tuple(MagicPrompt)
    unsafe: Unsafe = Unsafe.DROP

    def blocked_by(self, *texts: str | None) -> str | None:
        """Give the rule that one of *texts* breaks; None when none does."""
        given = [text for text in texts if text]
        folded = [fold(text) for text in given]
        if self.blocked_words and any(map(_words(self.blocked_words).search, folded)):
            for word in self.blocked_words:
                if any(map(_words((word,)).search, folded)):
                    return f"blocked word {word}"
        for pattern in self.blocked_patterns:
            # As it stands and folded: an operator may have written for either.
            if any(map(pattern.search, [*given, *folded])):
                return f"blocked pattern {pattern.pattern}"
        return None

    def suffix_for(self, prompt: str) -> str:
        """Give what must stand behind *prompt*; nothing where it does already."""
        if fold(prompt).endswith(fold(self.suffix)):
            return ""
        return self.suffix


def fold(text: str) -> str:
    """Give what *text* looks like, in small Latin letters where it looks Latin."""
    if text.isascii():  # as most are: a look at each letter says nothing new
        return text.casefold().translate(_ONE_STROKE)
    shown = unicodedata.normalize("NFKD", text)
    letters = "".join(
        c
        for c in shown
        if unicodedata.category(c) not in _INVISIBLE and c not in _FILLERS
    )
    return letters.translate(_lookalikes()).casefold().translate(_ONE_STROKE)


# Where case is folded these cannot be told apart any more.
_ONE_STROKE = str.maketrans({"1": "l", "|": "l", "i": "l", "0": "o"})


@cache
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Give what finds any of *words*: one search, however many there are."""
    # Letters and digits alone: what stands between them is passed by in any case, and
    # looked for as well it would be looked for in every way there is.
    spelled = (
        _APART.join(re.escape(c) for c in fold(word) if c.isalnum()) for word in words
    )
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(filter(None, spelled))})(?![^\W_])")


@cache
def _lookalikes() -> Mapping[int, str]:
    """Give Latin letters and digits for what looks like them (Unicode's confusables)."""
    # Ten thousand entries that only an operator with rules has a use for.
    from confusable_homoglyphs.confusables import confusables_data  # noqa: PLC0415

    found = {}
    for char, alike in confusables_data.items():
        plain = [one["c"] for one in alike if one["c"].isascii() and one["c"].isalnum()]
        if len(char) == 1 and not char.isascii() and plain:
            found[ord(char)] = plain[0]
    return found

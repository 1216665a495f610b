"""`--callback-url`: a wish beside the request, taken out before the rest is read. Pure.

It is in no menu and no form: few may use it (POLICY_FILE), and what it names may be secret.
"""

import re

from bot.errors import WrongInput
from bot.parsing.refusal import NOTHING_DRAWN

_WISH = re.compile(
    r"(?<!\S)(?:--|[—\u2015])callback-url(?:(?:=|\s+)(?P<url>[^\s\"']+|\"[^\"]*\"))?"
)


def take_callback(text: str) -> tuple[str, str | None]:
    """Give *text* without the flag, and the address it names, if it does.

    The flag is blanked, not cut out, so that positions stay those of *text*. Raises:
    WrongInput.
    """
    match = _WISH.search(text)
    if match is None:
        return text, None
    url = (match["url"] or "").strip('"<>')
    if not url:
        raise WrongInput(
            f"--callback-url needs an address behind it. {NOTHING_DRAWN}",
            position=match.start() + 1,
        )
    blank = " " * (match.end() - match.start())
    return f"{text[: match.start()]}{blank}{text[match.end() :]}", url

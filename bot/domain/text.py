"""Text that every database, page and platform takes. Pure."""


def encodable(text: str) -> str:
    """Give *text* with `?` for each half of a character, which no UTF-8 holds.

    JSON may name one, and a shell's bytes that are no text become such halves.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def without(text: str, words: str, *, least: int = 12) -> str:
    """Give *text* with `…` for *words*, or for the longest beginning of them it quotes.

    Spacing does not count. Beginnings of fewer than *least* characters are left.
    """
    quoted = " ".join(words.split())
    if not quoted:
        return text
    if quoted in text:
        return text.replace(quoted, "…")
    for length in range(min(len(quoted), len(text)), least - 1, -1):
        if quoted[:length] in text:
            return text.replace(quoted[:length], "…")
    return text

"""Text that every database, page and platform takes. Pure."""


def encodable(text: str) -> str:
    """Give *text* with `?` for each half of a character, which no UTF-8 holds.

    JSON may name one, and a shell's bytes that are no text become such halves.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()

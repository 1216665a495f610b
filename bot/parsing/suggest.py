"""Did you mean …? The nearest thing that would have been right."""

from collections.abc import Collection
from difflib import get_close_matches

_LONGEST = 40  # comparing costs length times length; nobody misspells at this length


def closest(
    typed: str, candidates: Collection[str], *, likeness: float = 0.6
) -> str | None:
    """Give the candidate most like *typed* in any case; None when none is near."""
    if len(typed) > _LONGEST:
        return None
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    near = get_close_matches(typed.lower(), by_lower, n=1, cutoff=likeness)
    return by_lower[near[0]] if near else None


def did_you_mean(candidate: str | None) -> str:
    """Give the question, or nothing."""
    return f"Did you mean {candidate}?" if candidate else ""

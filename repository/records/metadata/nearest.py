"""What somebody may have meant by a code that is not in its list."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

LEAST = 50  # of 100: below it two codes have little in common
SHOWN = 3


def nearest(wrong: str, known: Iterable[str]) -> list[str]:
    """The few known codes that are most like `wrong`, the nearest first; none where none is."""
    by_lower = {code.lower(): code for code in known}
    found = process.extract(
        wrong[:200].lower(), list(by_lower), scorer=fuzz.ratio, limit=SHOWN, score_cutoff=LEAST
    )
    return [by_lower[code] for code, _score, _index in found]

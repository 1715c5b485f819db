"""What counts as the same word: one folding for what is indexed and for what is asked.

Readers of Vietnamese type without marks, with them, in either Unicode form, and with the tone on
either vowel of oa, oe and uy. `fold` forgets all marks; `marked` keeps them and settles the form
and the place of the tone. There is no word segmentation: a query without marks would miss it.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import compress, filterfalse
from typing import NamedTuple

MAX_WORD = 80
SHORT_TEXT = 40  # characters
_MARKS = "".join(c for c in map(chr, range(0x300, 0x10000)) if unicodedata.category(c)[0] == "M")
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
WORD = re.compile(
    f"[{_IDEOGRAPHS}]|(?:(?![{_IDEOGRAPHS}])[^\\W_])(?:(?![{_IDEOGRAPHS}])[^\\W_]|[{_MARKS}])*"
)
_RARE = re.compile(f"[{_IDEOGRAPHS}{_MARKS}]")
_SIMPLE_WORD = re.compile(r"[^\W_]+")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_AFTER = str.maketrans(
    {"ă": "a{", "â": "a|", "đ": "d{", "ê": "e{", "ô": "o{", "ơ": "o|", "ư": "u{"}
)  # { and | come after z
_LATE_TONE = re.compile(f"(?:(o)([ae])|((?<!q)u)(y))([{_TONES}])$")


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of `text` as written, each with where it starts and ends."""
    for found in WORD.finditer(text):
        yield found[0], found.start(), found.end()


def _split(text: str) -> list[str]:
    """The words of `text` composed; the slow pattern is for texts that need it."""
    composed = unicodedata.normalize("NFKC", text)
    return (WORD if _RARE.search(composed) else _SIMPLE_WORD).findall(composed)


def tokens(text: str) -> list[str]:
    """The words of `text`, folded: lower case, no marks, đ as d."""
    return [fold(word) for word in _split(text)]


def marked_tokens(text: str) -> list[str]:
    """The words of `text` with their marks, in one form; as many as `tokens` gives."""
    return [marked(word) for word in _split(text)]


class Folded(NamedTuple):
    """A text's words joined by blanks: `folded`, `marked`, and those `plain` ones that were
    written without marks, which alone may be English.
    """

    folded: str
    marked: str
    plain: str


def fold_text(text: str) -> Folded:
    """All three, with the text gone through once. Names and subjects come again and again."""
    return _fold_short_text(text) if len(text) <= SHORT_TEXT else _fold_text(text)


def _fold_text(text: str) -> Folded:
    if text.isascii():
        lower = " ".join([word[:MAX_WORD] for word in _split(text)]).lower()
        return Folded(lower, lower, lower)
    pieces = [_fold_piece(""), *map(_fold_piece, text.split())]
    return Folded(*[" ".join(filter(None, words)) for words in zip(*pieces, strict=True)])


@lru_cache(maxsize=65536)
def _fold_piece(piece: str) -> Folded:
    """What stands between blanks: mostly one word, with a comma perhaps, that was met before."""
    split = _split(piece)
    folded = list(map(fold, split))
    plain = " ".join(compress(folded, map(str.isascii, split)))
    return Folded(" ".join(folded), " ".join(map(marked, split)), plain)


_fold_short_text = lru_cache(maxsize=16384)(_fold_text)


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    if word.isascii():
        return word.lower()[:MAX_WORD]
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    kept = "".join(filterfalse(unicodedata.combining, decomposed))
    return kept.replace("đ", "d")[:MAX_WORD] or word[:MAX_WORD]


@lru_cache(maxsize=65536)
def marked(word: str) -> str:
    """Lower case, composed, and the tone of a final oa, oe or uy on its first vowel."""
    if word.isascii():
        return word.lower()[:MAX_WORD]
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", word).casefold())
    settled = _LATE_TONE.sub(_tone_on_first_vowel, decomposed)
    return unicodedata.normalize("NFC", settled)[:MAX_WORD]


def _tone_on_first_vowel(found: re.Match[str]) -> str:
    first, second = found[1] or found[3], found[2] or found[4]
    return f"{first}{found[5]}{second}"


def dictionary_key(text: str, length: int = 60) -> str:
    """A key whose plain order is that of a Vietnamese dictionary: a ă â … d đ …, tones last.

    `text` is what `Folded.marked` has of it.
    """
    letters = " ".join(map(_letters, text[: 2 * length].split()))
    return f"{letters[:length]} {text[:length]}"


@lru_cache(maxsize=65536)
def _letters(word: str) -> str:
    toneless = "".join(c for c in unicodedata.normalize("NFD", word) if c not in _TONES)
    return unicodedata.normalize("NFC", toneless).translate(_AFTER)


def has_marks(text: str) -> bool:
    """Did whoever typed this write marks, and so mean this word and not its look-alikes?"""
    return not text.isascii() and tokens(text) != marked_tokens(text)

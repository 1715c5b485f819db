"""The words that were asked for, marked where they stand in a text."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup, escape

from repository.core import fold

MAX_TEXT = 20_000
AROUND = 240


class Span(NamedTuple):
    """Where a word that was asked for stands; `follows` where the one asked for before it does too,
    right before it.
    """

    start: int
    end: int
    word: str
    follows: bool


class Highlighter:
    """Marks words that fold to one of those asked for, or begin with it."""

    def __init__(self, words: Iterable[str]) -> None:
        tokens = [token for word in words for token in fold.tokens(word)]
        self._wanted = set(tokens)
        self._pairs = set(pairwise(tokens))
        self._stems = tuple(w for w in self._wanted if len(w) >= 4)

    def whole(self, text: str) -> Markup:
        """All of `text`, escaped, with `<mark>` around what was found."""
        text = unicodedata.normalize("NFC", text[:MAX_TEXT])
        return _marked(text, self._spans(text), 0, len(text))

    def snippet(self, text: str, length: int = AROUND) -> Markup:
        """About `length` characters around the first place with most of the words."""
        return self.best_snippet([text], length)[0]

    def best_snippet(self, texts: Sequence[str], length: int = AROUND) -> tuple[Markup, int]:
        """The snippet of the first text with most of the words, and which of them that is."""
        normal = [unicodedata.normalize("NFC", text[:MAX_TEXT]) for text in texts]
        spans = [self._spans(text) for text in normal]
        best = max(range(len(texts)), key=lambda number: _worth(spans[number]))
        return _cut(normal[best], spans[best], length), best

    def names(self, text: str) -> bool:
        """Is `text`, a few words, what was asked for? One word of it may be there by chance:
        "khí hậu" is no "không khí".
        """
        spans = self._spans(unicodedata.normalize("NFC", text))
        return _worth(spans) > 1 or (bool(spans) and len(spans) == len(fold.tokens(text)))

    def _spans(self, text: str) -> list[Span]:
        if not self._wanted:
            return []
        found, before = [], ""
        for word, start, end in fold.words(text):
            folded = fold.fold(word)
            if folded in self._wanted or folded.startswith(self._stems):
                found.append(Span(start, end, folded, (before, folded) in self._pairs))
            before = folded
        return found


def _worth(spans: Iterable[Span]) -> int:
    """How much of what was asked for is there: each word once, and each two side by side."""
    return len({(each.word, follows) for each in spans for follows in {False, each.follows}})


def _cut(text: str, spans: Sequence[Span], length: int) -> Markup:
    start = _best_start(spans, length)
    if start:
        start = text.rfind(" ", 0, max(start - 40, 0) + 1) + 1
    end = len(text) if start + length >= len(text) else text.rfind(" ", start, start + length)
    end = min(start + length, len(text)) if end <= start else end
    before = Markup("… ") if start else Markup("")
    after = Markup(" …") if end < len(text) else Markup("")
    return before + _marked(text, spans, start, end) + after


def _best_start(spans: Sequence[Span], length: int) -> int:
    best, most = 0, 0
    for index, first in enumerate(spans):
        end = first.start + length - 60
        near = [each for each in spans[index : index + 50] if each.start < end]
        if (worth := _worth(near)) > most:
            best, most = first.start, worth
    return best


def _marked(text: str, spans: Sequence[Span], start: int, end: int) -> Markup:
    parts, at = [], start
    for left, right, _word, _follows in spans:
        if left < at or right > end:
            continue
        parts += [escape(text[at:left]), Markup("<mark>"), escape(text[left:right])]
        parts.append(Markup("</mark>"))
        at = right
    return Markup("").join([*parts, escape(text[at:end])])

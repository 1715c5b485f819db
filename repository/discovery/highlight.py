"""The words that were asked for, marked where they stand in a text."""

import unicodedata
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from repository.core import fold

MAX_TEXT = 20_000
AROUND = 240


class Highlighter:
    """Marks words that fold to one of those asked for, or begin with it."""

    def __init__(self, words: Iterable[str]) -> None:
        self._wanted = {token for word in words for token in fold.tokens(word)}
        self._stems = tuple(w for w in self._wanted if len(w) >= 4)

    def whole(self, text: str) -> Markup:
        """All of `text`, escaped, with `<mark>` around what was found."""
        text = unicodedata.normalize("NFC", text[:MAX_TEXT])
        return _marked(text, self._spans(text), 0, len(text))

    def snippet(self, text: str, length: int = AROUND) -> Markup:
        """About `length` characters around the first place with most of the words."""
        text = unicodedata.normalize("NFC", text[:MAX_TEXT])
        spans = self._spans(text)
        start = _best_start(spans, length)
        if start:
            start = text.rfind(" ", 0, max(start - 40, 0) + 1) + 1
        end = len(text) if start + length >= len(text) else text.rfind(" ", start, start + length)
        end = min(start + length, len(text)) if end <= start else end
        before = Markup("… ") if start else Markup("")
        after = Markup(" …") if end < len(text) else Markup("")
        return before + _marked(text, spans, start, end) + after

    def _spans(self, text: str) -> list[tuple[int, int]]:
        if not self._wanted:
            return []
        return [(start, end) for word, start, end in fold.words(text) if self._is_wanted(word)]

    def _is_wanted(self, word: str) -> bool:
        folded = fold.fold(word)
        return folded in self._wanted or folded.startswith(self._stems)


def _best_start(spans: Sequence[tuple[int, int]], length: int) -> int:
    best, best_count = 0, 0
    for index, (start, _end) in enumerate(spans):
        count = sum(1 for other, _ in spans[index : index + 50] if other < start + length - 60)
        if count > best_count:
            best, best_count = start, count
    return best


def _marked(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Markup:
    parts, at = [], start
    for left, right in spans:
        if left < at or right > end:
            continue
        parts += [escape(text[at:left]), Markup("<mark>"), escape(text[left:right])]
        parts.append(Markup("</mark>"))
        at = right
    return Markup("").join([*parts, escape(text[at:end])])

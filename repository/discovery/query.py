"""The one query language: Whoosh's parser reads it, and this gives the tree that engines take.

Whatever is typed answers. A part that means nothing here is left out, or read as plain words,
and a note says so. Long queries are cut before parsing, whose time grows faster than its text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from whoosh import query as whoosh_query
from whoosh.qparser import QueryParser, plugins

from repository.core import fold
from repository.core.messages import N_
from repository.discovery.engines.nodes import (
    EVERYTHING,
    NOTHING,
    And,
    Fuzzy,
    Keyword,
    Node,
    Not,
    Or,
    Phrase,
    Prefer,
    Prefix,
    Range,
    Term,
)

MAX_CHARACTERS = 300
MAX_TERMS = 32
TEXT = {"title": "title", "creator": "creator", "author": "creator", "subject": "subject"}
KEYWORDS = {
    "type": "type",
    "language": "language",
    "lang": "language",
    "license": "license",
    "access": "access",
    "collection": "collection",
    "community": "collection",
    "format": "format",
    "doi": "identifier",
    "orcid": "identifier",
    "ror": "identifier",
    "identifier": "identifier",
    "id": "id",
}
YEARS = re.compile(r"(?P<low>\d{1,4})?(?P<dots>\.\.)?(?P<high>\d{1,4})?")
IDENTIFIER = re.compile(
    r"(?:https?://(?:dx\.)?(?:doi|orcid|ror)\.org/|doi:)?"
    r"(?P<value>10\.\d{4,9}/\S+|\d{4}-\d{4}-\d{4}-\d{3}[\dX]|0[a-z0-9]{6}\d\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Note:
    """Something about the query its author should know: an English msgid and its params."""

    message: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """`words` are the plain words asked for, as typed: for highlighting and 'did you mean'."""

    tree: Node
    words: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.tree == EVERYTHING


@cache
def _parser() -> QueryParser:
    """Without the date and `>` plugins, which raise bare exceptions on odd input."""
    return QueryParser(
        None,
        schema=None,
        plugins=[
            plugins.PhrasePlugin(),
            plugins.FieldsPlugin(),
            plugins.PrefixPlugin(),
            plugins.FuzzyTermPlugin(),
            plugins.RangePlugin(),
            plugins.GroupPlugin(),
            plugins.OperatorsPlugin(
                AndNot=None, AndMaybe=None, Require=None, Not=r"(^|(?<=[\s()]))(NOT(?=\s)|-(?=\S))"
            ),
        ],
    )


@lru_cache(maxsize=512)
def parse(text: str) -> Parsed:
    """Read a query. Never raises, whatever the text."""
    notes = []
    text = "".join(c if c.isprintable() else " " for c in text).strip()
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        notes.append(
            Note(N_("Only the first %(limit)s characters were used."), {"limit": MAX_CHARACTERS})
        )
    if not text or text == "*":
        return Parsed(EVERYTHING, notes=tuple(notes))
    reading = _Reading(notes)
    try:
        tree = reading.node(_parser().parse(text, normalize=False))
    except Exception:  # noqa: BLE001 Whoosh raises whatever came of odd syntax
        reading = _Reading([*notes, Note(N_("Not understood; read as plain words."))])
        tree = reading.plain(text)
    if tree is None:
        reading.note(N_("There is no word in this query to look for."))
        return Parsed(NOTHING, notes=tuple(reading.notes))
    if isinstance(tree, And):
        tree = _neighbours_first(tree, reading.words)
    return Parsed(tree, tuple(reading.words), tuple(reading.notes))


def plain(text: str) -> Node | None:
    """All the words of `text`, none of it taken as syntax; None where it has no words."""
    return _Reading([]).plain(text[:MAX_CHARACTERS])


def _neighbours_first(tree: Node, words: list[str]) -> Node:
    """Rank texts where the words stand side by side before those where they are scattered.

    Most Vietnamese words are two syllables with a blank between: "khí hậu" is one of them.
    """
    tokens = [token for word in words for token in fold.tokens(word)][:MAX_TERMS]
    pairs = [Phrase("text", pair, boost=2.0) for pair in pairwise(tokens)]
    return Prefer(tree, tuple(pairs)) if pairs else tree


class _Reading:
    """One walk over Whoosh's tree: what it becomes, the words met, the notes made."""

    def __init__(self, notes: list[Note]) -> None:
        self.notes = list(notes)
        self.words: list[str] = []
        self._terms = 0

    def note(self, message: str, **params: Any) -> None:
        note = Note(message, params)
        if note not in self.notes:
            self.notes.append(note)

    def plain(self, text: str) -> Node | None:
        return _joined(And, [self.words_anywhere(word) for word in text.split()])

    def node(self, found: whoosh_query.Query) -> Node | None:
        """The node for Whoosh's `found`; None where nothing remains of it."""
        if isinstance(found, whoosh_query.Or):
            return _joined(Or, [self.node(child) for child in found.subqueries])
        if isinstance(found, whoosh_query.CompoundQuery):
            return _joined(And, [self.node(child) for child in found.subqueries])
        if isinstance(found, whoosh_query.Not):
            words = len(self.words)
            child = self.node(found.query)
            del self.words[words:]
            return None if child is None else Not(child)
        if found == whoosh_query.NullQuery:
            return None
        if self._too_many():
            return None
        return self.leaf(found)

    def _too_many(self) -> bool:
        self._terms += 1
        if self._terms <= MAX_TERMS:
            return False
        self.note(N_("Only the first %(limit)s terms were used."), limit=MAX_TERMS)
        return True

    def leaf(self, found: whoosh_query.Query) -> Node | None:
        name = (found.fieldname or "").lower()
        if isinstance(found, whoosh_query.TermRange):
            return self.years(name, f"{found.start or ''}..{found.end or ''}")
        text = " ".join(found.words) if isinstance(found, whoosh_query.Phrase) else found.text
        if not name:
            return self.anywhere(found, text)
        if name == "year":
            return self.years(name, text)
        if name in TEXT:
            return self.in_field(TEXT[name], found, text)
        if name in KEYWORDS and not isinstance(found, whoosh_query.Prefix):
            return keyword(KEYWORDS[name], text)
        if not text.startswith("//"):
            self.note(N_("There is no field “%(name)s”; it was read as a word."), name=name)
        return self.anywhere(found, f"{found.fieldname}:{text}")

    def years(self, name: str, text: str) -> Node | None:
        match = YEARS.fullmatch(text.replace(" ", ""))
        if name != "year" or match is None or not (match["low"] or match["high"]):
            self.note(N_("“%(text)s” is not a range of years such as 2019..2024."), text=text[:40])
            return None
        low = int(match["low"]) if match["low"] else None
        high = int(match["high"]) if match["high"] else None
        return Range("year", low, high if match["dots"] or match["high"] else low)

    def in_field(self, name: str, found: whoosh_query.Query, text: str) -> Node | None:
        tokens = tuple(fold.tokens(text))
        return self._special(name, found, tokens) or (_run(name, tokens) if tokens else None)

    def anywhere(self, found: whoosh_query.Query, text: str) -> Node | None:
        tokens = tuple(fold.tokens(text))
        special = self._special("text", found, tokens)
        if special is not None:
            return special
        slop = found.slop - 1 if isinstance(found, whoosh_query.Phrase) else 0
        return self.words_anywhere(text, slop)

    def _special(
        self, name: str, found: whoosh_query.Query, tokens: tuple[str, ...]
    ) -> Node | None:
        """A prefix or a tolerant term; those with several tokens are read without."""
        if len(tokens) != 1:
            return None
        if isinstance(found, whoosh_query.FuzzyTerm):
            return Fuzzy(name, tokens[0], min(max(found.maxdist, 1), 2))
        if isinstance(found, whoosh_query.Prefix):
            return Prefix(name, tokens[0])
        return None

    def words_anywhere(self, text: str, slop: int = 0) -> Node | None:
        """What a word, or several that belong together, may match, and how much that is worth.

        A title counts more than other text; what was typed with marks counts more with the
        same marks; English words also match in their other forms. All that stands in a title, or
        with these marks, stands in the text too.
        """
        tokens = tuple(fold.tokens(text))
        if not tokens:
            return None
        self.words.append(text)
        identifier = IDENTIFIER.fullmatch(text)
        if identifier is not None:
            tokens = tuple(fold.tokens(identifier["value"]))
            return Or((keyword("identifier", identifier["value"]), _run("text", tokens)))
        better = [_run("title", tokens, slop, boost=2.0)]
        if fold.has_marks(text):
            better.append(_run("marked", tuple(fold.marked_tokens(text)), slop, boost=3.0))
        found = _run("text", tokens, slop)
        if len(tokens) == 1 and text.isascii():
            found = Or((found, Term("stem", tokens[0], boost=0.5)))
        return Prefer(found, tuple(better))


def keyword(name: str, value: str) -> Node:
    """A whole value; identifiers may be given as links, and in any case."""
    if name == "identifier":
        value = re.sub(r"^https?://[^/]+/", "", value.strip()).lower()
    return Keyword(name, value)


def _run(name: str, tokens: tuple[str, ...], slop: int = 0, boost: float = 1.0) -> Node:
    """At least one token: a term, or a phrase where there are more."""
    if len(tokens) == 1:
        return Term(name, tokens[0], boost)
    return Phrase(name, tokens[:MAX_TERMS], min(max(slop, 0), 10), boost)


def _joined(kind: Callable[[tuple[Node, ...]], Node], children: list[Node | None]) -> Node | None:
    kept = tuple(child for child in children if child is not None)
    return (kept[0] if len(kept) == 1 else kind(kept)) if kept else None

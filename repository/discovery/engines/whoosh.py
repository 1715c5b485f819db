"""The pure-Python engine, for machines without a compiled wheel and for small sets.

It serves up to about ten thousand records. Whoosh 2.7.4 does not sync its files: an index torn by
a power cut is found out when it is opened, and built anew.
"""

import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whoosh import fields, index, query, sorting
from whoosh.analysis import Token, Tokenizer
from whoosh.lang.porter2 import stem
from whoosh.searching import Searcher

from repository.discovery.engines import nodes
from repository.discovery.engines.base import (
    KEYWORD_FIELDS,
    NUMBER_FIELDS,
    TEXT_FIELDS,
    EngineError,
    Found,
    IndexDocument,
    Search,
    Sort,
)

SEPARATOR = "\x1f"
GAP = 100
TORN = (index.IndexError, index.LockError, OSError, EOFError, ValueError, KeyError, struct.error)
ORDERS = {
    Sort.NEWEST: sorting.FieldFacet("published", reverse=True),
    Sort.OLDEST: sorting.FieldFacet("published"),
    Sort.TITLE: sorting.FieldFacet("sort_title"),
    Sort.MODIFIED: sorting.FieldFacet("modified", reverse=True),
    Sort.MOST_USED: sorting.FieldFacet("used", reverse=True),
}


class BlankTokenizer(Tokenizer):  # type: ignore[misc]
    """Tokens between blanks, with a gap in the positions after each value."""

    def __init__(self, *, stems: bool = False) -> None:
        self.stems = stems

    def __call__(self, value: str, *, positions: bool = False, **_: Any) -> Iterator[Token]:
        token = Token(positions, False)
        position = 0
        for part in value.split(SEPARATOR):
            for word in part.split():
                token.text = stem(word) if self.stems else word
                token.boost = 1.0
                token.pos = position
                position += 1
                yield token
            position += GAP


class WholeTokenizer(Tokenizer):  # type: ignore[misc]
    """Each value as one token."""

    def __call__(self, value: str, **_: Any) -> Iterator[Token]:
        token = Token(False, False)
        for part in value.split(SEPARATOR):
            token.text = part
            token.boost = 1.0
            token.pos = 0
            yield token


def _schema() -> fields.Schema:
    schema = fields.Schema()
    for name in TEXT_FIELDS:
        schema.add(name, fields.TEXT(analyzer=BlankTokenizer(stems=name == "stem")))
    for name in KEYWORD_FIELDS:
        if name in ("id", "record"):
            schema.add(name, fields.ID(stored=name == "id"))
        else:
            schema.add(name, fields.TEXT(analyzer=WholeTokenizer(), phrase=False))
    for name in NUMBER_FIELDS:
        sortable = name in ("published", "modified", "used")
        schema.add(name, fields.NUMERIC(int, 64, signed=True, sortable=sortable))
    schema.add("sort_title", fields.ID(sortable=True))
    return schema


def _open(folder: Path) -> index.Index:
    try:
        return index.open_dir(str(folder))
    except TORN as error:
        raise EngineError(f"cannot open the index: {error}") from error


class WhooshEngine:
    def create(self, folder: Path) -> None:
        index.create_in(str(folder), _schema())

    @contextmanager
    def writer(self, folder: Path) -> Iterator["WhooshWriter"]:
        writer = WhooshWriter(_open(folder))
        try:
            yield writer
        finally:
            writer.cancel()

    def reader(self, folder: Path) -> "WhooshReader":
        return WhooshReader(folder)


class WhooshWriter:
    """Collects what to replace and writes it at once.

    A record replaced twice within one Whoosh writer would be there twice.
    """

    def __init__(self, opened: index.Index) -> None:
        self._index = opened
        self._waiting: dict[str, Sequence[IndexDocument]] = {}

    def replace(self, record: str, documents: Sequence[IndexDocument], *, known: bool) -> None:
        self._waiting[record] = documents

    def commit(self) -> None:
        try:
            writer = self._index.writer(limitmb=128)
        except TORN as error:
            raise EngineError(f"cannot write the index: {error}") from error
        for record, documents in self._waiting.items():
            writer.delete_by_term("record", record)
            for document in documents:
                writer.add_document(**_columns(document))
        writer.commit()
        self._waiting.clear()

    def cancel(self) -> None:
        self._waiting.clear()


def _columns(source: IndexDocument) -> dict[str, Any]:
    joined = {
        name: SEPARATOR.join(values)
        for given in (source.texts, source.keywords)
        for name, values in given.items()
        if values
    }
    return {
        "id": source.id,
        "record": source.record,
        "sort_title": source.sort_title,
        **joined,
        **source.numbers,
    }


class WhooshReader:
    """A searcher for each thread, as Whoosh wants it, renewed after a commit."""

    def __init__(self, folder: Path) -> None:
        self._index = _open(folder)
        self._threads = threading.local()

    def _searcher(self) -> Searcher:
        searcher = getattr(self._threads, "searcher", None)
        if searcher is None or not searcher.up_to_date():
            if searcher is not None:
                searcher.close()
            searcher = self._threads.searcher = self._index.searcher()
        return searcher

    def search(self, search: Search) -> Found:
        try:
            return _search(self._searcher(), search)
        except TORN as error:
            raise EngineError(f"the index did not answer: {error}") from error

    def count(self) -> int:
        return int(self._searcher().doc_count())

    def close(self) -> None:
        """Other threads' searchers are closed when those threads end."""
        searcher = getattr(self._threads, "searcher", None)
        if searcher is not None:
            searcher.close()
        self._index.close()


def _search(searcher: Searcher, search: Search) -> Found:
    narrow = _narrow(search, search.chosen)
    asked = translate(search.query)
    wanted = search.offset + search.limit
    results = searcher.search(
        asked, filter=narrow, limit=max(wanted, 1), sortedby=ORDERS.get(search.sort)
    )
    ids = [hit["id"] for hit in results[search.offset : wanted]]
    counted = translate(nodes.matching(search.query))
    matching: dict[tuple[str, ...], set[int]] = {}
    facets = {}
    for name, size in search.facets.items():
        others = {key: values for key, values in search.chosen.items() if key != name}
        signature = tuple(key for key, values in others.items() if values)
        if signature not in matching:
            both = query.And([counted, _narrow(search, others)])
            matching[signature] = set(searcher.docs_for_query(both))
        facets[name] = _count(searcher, name, matching[signature])[:size]
    return Found(ids, len(results), facets)


def _count(searcher: Searcher, name: str, matching: set[int]) -> list[tuple[str, int]]:
    """How many of the matching documents have each value, the most frequent first."""
    reader = searcher.reader()
    counts = []
    for value in reader.lexicon(name):
        count = sum(1 for found in reader.postings(name, value).all_ids() if found in matching)
        if count:
            counts.append((value.decode(), count))
    return sorted(counts, key=lambda pair: (-pair[1], pair[0]))


def _narrow(search: Search, chosen: Mapping[str, Sequence[str]]) -> query.Query:
    parts = [translate(node) for node in search.filters]
    parts += [
        query.Or([query.Term(name, value) for value in values])
        for name, values in chosen.items()
        if values
    ]
    return query.And([query.Every(), *parts])


def translate(node: nodes.Node) -> query.Query:  # noqa: C901 one case for each kind of node
    match node:
        case nodes.Term(field, token, boost):
            return query.Term(field, stem(token) if field == "stem" else token, boost=boost)
        case nodes.Phrase(field, tokens, slop, boost):
            return query.Phrase(field, list(tokens), slop=slop + 1, boost=boost)
        case nodes.Prefix(field, token, boost):
            return query.Prefix(field, token, boost=boost)
        case nodes.Fuzzy(field, token, distance):
            return query.FuzzyTerm(field, token, maxdist=distance, prefixlength=1)
        case nodes.Keyword(field, value):
            return query.Term(field, value)
        case nodes.AnyOf(field, values):
            return translate(nodes.Or(tuple(nodes.Keyword(field, value) for value in values)))
        case nodes.Range(field, low, high):
            return query.NumericRange(field, low, high)
        case nodes.And(children):
            return query.And([translate(child) for child in children])
        case nodes.Or(children):
            return (
                query.Or([translate(child) for child in children]) if children else query.NullQuery
            )
        case nodes.Prefer(child, better):
            return query.AndMaybe(translate(child), translate(nodes.Or(better)))
        case nodes.Not(child):
            everything = query.Every()  # beside it, as a NOT at the root finds deleted documents
            return query.And([everything, query.Not(translate(child))])
        case nodes.Everything():
            return query.Every()

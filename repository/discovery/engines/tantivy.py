"""The default engine: tantivy, a compiled library that maps its files.

Two words side by side, as most Vietnamese words are, are a term of their own in `pairs`: looking
for them costs no more than for one word, where a phrase of common syllables takes tens of times
as long.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import tantivy
from tantivy import FieldType, Filter, Occur, Order, Query, TextAnalyzerBuilder, Tokenizer

from repository.core import fold
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

WRITER_HEAP = 64_000_000
PAIRS = "pairs"  # of neighbours in `text`
WITHIN_TEXT = ("text", "title", "creator", "subject", "marked")  # folded, all of it is in `text`
LOOKED_UP = ("public_from", "shown_from", "shown_until", "newest", "owner")
"""Numbers with few values, of which the rare ones are asked for: their lists of documents are read,
where with a column of values the whole of that would be.
"""
MOST_ALONE = 20_000  # documents: of fewer, ranking and counting take less time than a thread
STEMMER = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer("english")).build()
WORDS = TextAnalyzerBuilder(Tokenizer.whitespace()).build()
ORDERS = {
    Sort.NEWEST: ("published", Order.Desc),
    Sort.OLDEST: ("published", Order.Asc),
    Sort.TITLE: ("sort_title", Order.Asc),
    Sort.MODIFIED: ("modified", Order.Desc),
    Sort.MOST_USED: ("used", Order.Desc),
}


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="stemmed" if name == "stem" else "words")
    builder.add_text_field(PAIRS, tokenizer_name="words", index_option="freq")
    for name in KEYWORD_FIELDS:
        builder.add_text_field(
            name,
            stored=name == "id",
            fast=name not in ("record", "identifier", "placed"),
            tokenizer_name="raw",
            index_option="basic",
        )
    for name in NUMBER_FIELDS:
        builder.add_integer_field(name, indexed=True, fast=name not in LOOKED_UP)
    builder.add_text_field("sort_title", fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


SCHEMA = _schema()


def _open(folder: Path) -> tantivy.Index:
    """A fresh handle: one that outlives a commit of another writer would write from the past."""
    try:
        index = tantivy.Index(SCHEMA, path=str(folder), reuse=True)
    except (ValueError, OSError) as error:
        raise EngineError(f"cannot open the index: {error}") from error
    index.register_tokenizer("words", WORDS)
    index.register_tokenizer("stemmed", STEMMER)
    return index


class TantivyEngine:
    def create(self, folder: Path) -> None:
        _open(folder)

    @contextmanager
    def writer(self, folder: Path) -> Iterator["TantivyWriter"]:
        try:
            inner = _open(folder).writer(WRITER_HEAP, 1)
        except ValueError as error:
            raise EngineError(f"cannot write the index: {error}") from error
        try:
            yield TantivyWriter(inner)
        finally:
            inner.rollback()
            inner.wait_merging_threads()

    def reader(self, folder: Path) -> "TantivyReader":
        return TantivyReader(folder)


class TantivyWriter:
    def __init__(self, inner: tantivy.IndexWriter) -> None:
        self._inner = inner

    def replace(self, record: str, documents: Sequence[IndexDocument], *, known: bool) -> None:
        if known:
            self._inner.delete_documents_by_term("record", record)
        for document in documents:
            self._inner.add_document(_document(document))

    def commit(self) -> None:
        self._inner.commit()


def _document(source: IndexDocument) -> tantivy.Document:
    words = [value.split() for value in source.texts["text"]]
    fields = {
        **source.texts,
        PAIRS: [" ".join(map("_".join, pairwise(each))) for each in words if len(each) > 1],
        **source.keywords,
        **source.numbers,
        "id": source.id,
        "record": source.record,
        "sort_title": source.sort_title,
    }
    return tantivy.Document.from_dict(fields, SCHEMA)


class TantivyReader:
    """Looks at `meta.json`, which every commit replaces, and reloads only when it did."""

    def __init__(self, folder: Path) -> None:
        self._meta = folder / "meta.json"
        self._index = _open(folder)
        self._index.config_reader(reload_policy="manual")
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None

    def _searcher(self) -> tantivy.Searcher:
        try:
            status = self._meta.stat()
            seen = (status.st_mtime_ns, status.st_ino)
            with self._lock:
                if seen != self._seen:
                    self._index.reload()
                    self._seen = seen
                return self._index.searcher()
        except (ValueError, OSError) as error:
            raise EngineError(f"cannot read the index: {error}") from error

    def search(self, search: Search) -> Found:
        searcher = self._searcher()
        try:
            return _search(searcher, search)
        except ValueError as error:
            raise EngineError(f"the index did not answer: {error}") from error

    def count(self) -> int:
        return self._searcher().num_docs

    def close(self) -> None:
        """Nothing to close: the mapped files are let go with the object."""


def _search(searcher: tantivy.Searcher, search: Search) -> Found:
    """Facets are counted beside the ranking, as tantivy lets other threads go on meanwhile."""
    counting = partial(_facets, searcher, replace(search, query=nodes.matching(search.query)))
    if not search.facets or searcher.num_docs <= MOST_ALONE:
        return Found(*_ranked(searcher, search), counting())
    with ThreadPoolExecutor(1) as helper:
        facets = helper.submit(counting)
        return Found(*_ranked(searcher, search), facets.result())


def _ranked(searcher: tantivy.Searcher, search: Search) -> tuple[list[str], int]:
    """The ids of one page, and how many there are in all."""
    name, order = ORDERS.get(search.sort, (None, Order.Desc))
    if name:
        search = replace(search, query=nodes.matching(search.query))
    result = searcher.search(
        _query(search, search.chosen),
        max(search.limit, 1),
        offset=search.offset,
        order_by_field=name,
        order=order,
    )
    hits = result.hits[: search.limit]
    ids = [searcher.doc(address)["id"][0] for _score, address in hits]
    return ids, result.count  # type: ignore[attr-defined]


def _facets(searcher: tantivy.Searcher, search: Search) -> dict[str, list[tuple[str, int]]]:
    """One pass counts every facet without a choice, and one more each of those with one."""
    if not search.facets:
        return {}
    free = {name: size for name, size in search.facets.items() if not search.chosen.get(name)}
    counted = _count(searcher, _query(search, search.chosen), free)
    for name in search.facets.keys() - free.keys():
        others = {key: values for key, values in search.chosen.items() if key != name}
        size = {name: search.facets[name]}
        counted |= _count(searcher, _query(search, others), size)
    return {name: counted[name] for name in search.facets}


def _count(
    searcher: tantivy.Searcher, query: Query, facets: Mapping[str, int]
) -> dict[str, list[tuple[str, int]]]:
    if not facets:
        return {}
    wanted = {name: {"terms": {"field": name, "size": size}} for name, size in facets.items()}
    answer: dict[str, Any] = searcher.aggregate(query, wanted)
    return {
        name: [(bucket["key"], bucket["doc_count"]) for bucket in answer[name]["buckets"]]
        for name in facets
    }


def _query(search: Search, chosen: Mapping[str, Sequence[str]]) -> Query:
    parts = _parts(search.query)
    parts += [part for node in search.filters for part in _narrowing(node)]
    for name, values in chosen.items():
        if values:
            parts += _narrowing(nodes.AnyOf(name, tuple(values)))
    return _together(parts)


def _narrowing(node: nodes.Node) -> list[tuple[Occur, Query]]:
    """Without a score, and not one within another: each level copies what may be long lists."""
    match node:
        case nodes.And(children):
            return [part for child in children for part in _narrowing(child)]
        case nodes.Not(nodes.Or(children)):
            return [(Occur.MustNot, translate(nodes.matching(child))) for child in children]
        case nodes.Not(child):
            return [(Occur.MustNot, translate(nodes.matching(child)))]
    return [(Occur.Must, _unscored(translate(node)))]


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def translate(node: nodes.Node) -> Query:  # noqa: C901 one case for each kind of node
    """Our tree in tantivy's query objects; its own parser can be made to overflow the stack."""
    match node:
        case nodes.Term(field, token, boost):
            stemmed = STEMMER.analyze(token) if field == "stem" else [token]
            return _boosted(Query.term_query(SCHEMA, field, stemmed[0], "freq"), boost)
        case nodes.Phrase():
            return _boosted(_phrase(node), node.boost)
        case nodes.Prefix(field, token, boost):
            found = Query.fuzzy_term_query(SCHEMA, field, token, distance=0, prefix=True)
            return _boosted(found, boost)
        case nodes.Fuzzy(field, token, distance):
            return Query.fuzzy_term_query(SCHEMA, field, token, distance=distance)
        case nodes.Keyword(field, value):
            return Query.term_query(SCHEMA, field, value, "basic")
        case nodes.AnyOf(field, values):
            return Query.term_set_query(SCHEMA, field, list(values))
        case nodes.Range(field, low, high):
            return Query.range_query(SCHEMA, field, FieldType.Integer, low, high)
        case nodes.Or(children):
            return Query.boolean_query([(Occur.Should, translate(child)) for child in children])
        case nodes.And() | nodes.Prefer() | nodes.Not():
            return _together(_parts(node))
        case nodes.Everything():
            return Query.all_query()


def _phrase(node: nodes.Phrase) -> Query:
    """Of three words and more, only texts with each two of them side by side are looked through."""
    if node.slop or node.field not in WITHIN_TEXT:
        return Query.phrase_query(SCHEMA, node.field, list(node.tokens), node.slop)
    folded = [fold.fold(token) for token in node.tokens]
    pairs = [Query.term_query(SCHEMA, PAIRS, "_".join(pair), "freq") for pair in pairwise(folded)]
    if node.field == "text" and len(pairs) == 1:
        return pairs[0]
    phrase = Query.phrase_query(SCHEMA, node.field, list(node.tokens), 0)
    narrowed = [(Occur.Must, _unscored(pair)) for pair in pairs]
    return Query.boolean_query([(Occur.Must, phrase), *narrowed])


def _parts(node: nodes.Node) -> list[tuple[Occur, Query]]:
    """What has to match, what must not, and what only ranks, side by side however deep they stand:
    one within another takes twice as long.
    """
    match node:
        case nodes.And(children):
            return [part for child in children for part in _parts(child)]
        case nodes.Prefer(child, better):
            return [*_parts(child), *((Occur.Should, translate(each)) for each in better)]
        case nodes.Not(child):
            return [(Occur.MustNot, translate(nodes.matching(child)))]
    return [(Occur.Must, translate(node))]


def _together(parts: list[tuple[Occur, Query]]) -> Query:
    """Without anything that has to match, tantivy finds nothing; then it gets everything."""
    if all(occur is not Occur.Must for occur, _ in parts):
        parts = [*parts, (Occur.Must, _unscored(Query.all_query()))]
    return Query.boolean_query(parts)


def _boosted(query: Query, boost: float) -> Query:
    return query if boost == 1.0 else Query.boost_query(query, boost)

"""The default engine: tantivy, a compiled library that maps its files.

Two words side by side, as most Vietnamese words are, are a term of their own in `pairs`: looking
for them costs no more than for one word, where a phrase of common syllables takes tens of times
as long.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import tantivy
from tantivy import FieldType, Filter, Occur, Order, Query, TextAnalyzerBuilder, Tokenizer

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
        builder.add_integer_field(name, indexed=True, fast=True)
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
    document = tantivy.Document()
    keywords = {"id": [source.id], "record": [source.record], **source.keywords}
    for fields in (source.texts, keywords):
        for name, values in fields.items():
            for value in values:
                document.add_text(name, value)
    for name, number in source.numbers.items():
        document.add_integer(name, number)
    for value in source.texts["text"]:
        if pairs := " ".join(map("_".join, pairwise(value.split()))):
            document.add_text(PAIRS, pairs)
    document.add_text("sort_title", source.sort_title)
    return document


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
    counted = replace(search, query=nodes.matching(search.query))
    name, order = ORDERS.get(search.sort, (None, Order.Desc))
    query = _query(counted if name else search, search.chosen)
    result = searcher.search(
        query,
        max(search.limit, 1),
        offset=search.offset,
        order_by_field=name,
        order=order,
    )
    hits = result.hits[: search.limit]
    ids = [searcher.doc(address)["id"][0] for _score, address in hits]
    return Found(ids, result.count, _facets(searcher, counted))  # type: ignore[attr-defined]


def _facets(searcher: tantivy.Searcher, search: Search) -> dict[str, list[tuple[str, int]]]:
    """One pass counts every facet without a choice, and one more each of those with one."""
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
    parts = [(Occur.Must, translate(search.query))]
    parts += [(Occur.Must, _unscored(translate(node))) for node in search.filters]
    for name, values in chosen.items():
        if values:
            parts.append((Occur.Must, _unscored(translate(nodes.AnyOf(name, tuple(values))))))
    return Query.boolean_query(parts)


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
        case nodes.And(children):
            return _conjunction(children)
        case nodes.Or(children):
            return Query.boolean_query([(Occur.Should, translate(child)) for child in children])
        case nodes.Prefer(child, better):
            also = [(Occur.Should, translate(each)) for each in better]
            return Query.boolean_query([(Occur.Must, translate(child)), *also])
        case nodes.Not(child):
            return _conjunction((nodes.Not(child),))
        case nodes.Everything():
            return Query.all_query()


def _phrase(node: nodes.Phrase) -> Query:
    if node.field == "text" and len(node.tokens) == 2 and not node.slop:
        return Query.term_query(SCHEMA, PAIRS, "_".join(node.tokens), "freq")
    return Query.phrase_query(SCHEMA, node.field, list(node.tokens), node.slop)


def _conjunction(children: Sequence[nodes.Node]) -> Query:
    """A conjunction of negations alone finds nothing in tantivy; it gets everything beside it."""
    parts = []
    for child in children:
        if isinstance(child, nodes.Not):
            parts.append((Occur.MustNot, translate(child.child)))
        else:
            parts.append((Occur.Must, translate(child)))
    if all(occur is Occur.MustNot for occur, _ in parts):
        parts.append((Occur.Must, _unscored(Query.all_query())))
    return Query.boolean_query(parts)


def _boosted(query: Query, boost: float) -> Query:
    return query if boost == 1.0 else Query.boost_query(query, boost)

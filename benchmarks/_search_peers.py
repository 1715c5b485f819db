"""Text search of two databases over the same folded words, with the same facets."""

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import psycopg

from repository.core import fold
from repository.discovery.engines.base import IndexDocument
from tests.services.postgres import SUPERUSER, serving

Rows = list[list[str]]


def in_turn(acts: Sequence[Callable[[], object]], rounds: int) -> list[tuple[float, float]]:
    """p50 and p95 of each in milliseconds, after a round to warm up. They take turns, so that
    whatever else the machine does meets all alike.
    """
    times: list[list[float]] = [[] for _ in acts]
    for number in range(rounds + 1):
        for act, taken in zip(acts, times, strict=True):
            begun = time.perf_counter()
            act()
            if number:
                taken.append((time.perf_counter() - begun) * 1000)
    return [(statistics.median(each), statistics.quantiles(each, n=20)[-1]) for each in times]


def fts5(
    documents: Iterable[IndexDocument],
    texts: Mapping[str, str],
    facets: Sequence[str],
    rounds: int,
) -> Rows:
    database = sqlite3.connect("")  # a file that nobody sees and that goes with it
    database.execute("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='unicode61')")
    database.execute("CREATE TABLE values_(facet TEXT, value TEXT, doc INTEGER)")
    for row, document in enumerate(documents):
        text = " ".join(document.texts["text"])
        database.execute("INSERT INTO texts(rowid, text) VALUES (?, ?)", (row, text))
        values = [(f, value, row) for f in facets for value in document.keywords[f]]
        database.executemany("INSERT INTO values_ VALUES (?, ?, ?)", values)
    database.execute("CREATE INDEX by_doc ON values_(doc, facet, value)")
    database.commit()
    counting = (
        "SELECT facet, value, count(*) FROM values_ WHERE doc IN "
        "(SELECT rowid FROM texts WHERE texts MATCH ?) GROUP BY facet, value"
    )
    ranking = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT 20"

    def ask(text: str, phrase: bool) -> None:
        asked = f'"{text}"' if phrase else text
        database.execute(ranking, (asked,)).fetchall()
        database.execute(counting, (asked,)).fetchall()

    rows = _asked(ask, texts, rounds)
    database.close()
    return rows


def postgres(
    documents: Iterable[IndexDocument],
    texts: Mapping[str, str],
    facets: Sequence[str],
    rounds: int,
) -> Rows:
    with (
        serving() as server,
        psycopg.connect(
            host="127.0.0.1", port=server.port, user=SUPERUSER, dbname="postgres"
        ) as database,
    ):
        database.execute("CREATE TABLE texts(doc int PRIMARY KEY, words tsvector)")
        database.execute("CREATE TABLE values_(facet text, value text, doc int)")
        _copied(database, documents, facets)
        database.execute("CREATE INDEX ON texts USING gin(words)")
        database.execute("CREATE INDEX ON values_(doc)")
        database.execute("ANALYZE")
        query = {True: "phraseto_tsquery", False: "plainto_tsquery"}

        def ask(text: str, phrase: bool) -> None:
            matching = f"words @@ {query[phrase]}('simple', %(text)s)"
            ranked = f"ts_rank(words, {query[phrase]}('simple', %(text)s))"
            database.execute(
                f"SELECT doc FROM texts WHERE {matching} ORDER BY {ranked} DESC LIMIT 20",
                {"text": text},
            ).fetchall()
            database.execute(
                "SELECT facet, value, count(*) FROM values_ JOIN texts USING (doc) "
                f"WHERE {matching} GROUP BY facet, value",
                {"text": text},
            ).fetchall()

        return _asked(ask, texts, rounds)


def _copied(
    database: psycopg.Connection, documents: Iterable[IndexDocument], facets: Sequence[str]
) -> None:
    values = []
    with database.cursor().copy("COPY texts FROM STDIN") as copy:
        for row, document in enumerate(documents):
            words = " ".join(document.texts["text"]).split()
            places = (f"'{word}':{min(at, 16_383)}" for at, word in enumerate(words, 1))
            copy.write_row((row, " ".join(places)))
            values += [(f, value, row) for f in facets for value in document.keywords[f]]
    with database.cursor().copy("COPY values_ FROM STDIN") as copy:
        for each in values:
            copy.write_row(each)


def _asked(ask: Callable[[str, bool], None], texts: Mapping[str, str], rounds: int) -> Rows:
    rows = []
    for name, text in texts.items():
        words = " ".join(fold.tokens(text))
        [(p50, p95)] = in_turn([partial(ask, words, name == "phrase")], rounds)
        rows.append([name, f"{p50:.1f} / {p95:.1f}"])
    return rows

"""What every engine must do, asked of each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.core import fold
from repository.discovery.engines.base import (
    FACETS,
    NUMBER_FIELDS,
    Engine,
    EngineError,
    IndexDocument,
    Reader,
    Search,
    Sort,
)
from repository.discovery.engines.nodes import (
    EVERYTHING,
    NOTHING,
    And,
    AnyOf,
    Keyword,
    Node,
    Not,
    Or,
    Range,
)
from repository.discovery.engines.registry import engine_named
from repository.discovery.query import parse


def document(
    number: int, *texts: str, record: str = "", title: str = "", year: int = 2020, **facets: str
) -> IndexDocument:
    values = [title, *texts] if title else list(texts)
    return IndexDocument(
        id=f"v{number}",
        record=record or f"r{number}",
        texts={
            "text": [" ".join(fold.tokens(value)) for value in values],
            "stem": [" ".join(fold.tokens(value)) for value in values],
            "marked": [" ".join(fold.marked_tokens(value)) for value in values],
            "title": [" ".join(fold.tokens(title))],
        },
        keywords={name: value.split("|") for name, value in facets.items()},
        numbers=dict.fromkeys(NUMBER_FIELDS, 0) | {"year": year, "published": number},
        sort_title=title,
    )


LIBRARY = [
    document(1, "Dữ liệu khí hậu Việt Nam", title="b", year=2019, type="dataset", topic="a|b"),
    document(2, "Con đường tơ lụa", title="a", year=2020, type="dataset", topic="b"),
    document(3, "Mặt trời và dương khí", title="c", year=2021, type="software"),
    document(4, "Changing waters of the delta", "Khí tượng", year=2022, type="image, moving"),
]


@pytest.fixture(params=["tantivy", "whoosh"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return engine_named(request.param)


@pytest.fixture
def folder(engine: Engine, tmp_path: Path) -> Path:
    engine.create(tmp_path)
    return tmp_path


def put(engine: Engine, folder: Path, *documents: IndexDocument) -> None:
    with engine.writer(folder) as writer:
        for each in documents:
            writer.replace(each.record, [each], known=True)
        writer.commit()


@pytest.fixture
def reader(engine: Engine, folder: Path) -> Iterator[Reader]:
    put(engine, folder, *LIBRARY[:2])
    put(engine, folder, *LIBRARY[2:])
    reader = engine.reader(folder)
    yield reader
    reader.close()


def ids(reader: Reader, query: str | Node, **search: object) -> list[str]:
    tree = parse(query).tree if isinstance(query, str) else query
    return reader.search(Search(tree, **search)).ids  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("du lieu khi hau", {"v1"}),
        ("DỮ LIỆU", {"v1"}),
        ('"lieu khi"', {"v1"}),
        ('"khi lieu"', set()),
        ('"delta khi"', set()),  # a phrase does not reach from one value into the next
        ('"du khi"~2', {"v1"}),
        ('"du lieu khi hau"', {"v1"}),
        ('"dữ liệu khí"', {"v1"}),
        ('"lieu khi viet"', set()),  # each two of them side by side, or nearly, but not all three
        ('"hau viet du lieu"', set()),
        ("change", {"v4"}),
        ("water", {"v4"}),
        ("viet*", {"v1"}),
        ("detta~", {"v4"}),
        ("khi OR lua", {"v1", "v2", "v3", "v4"}),
        ("khi NOT hau", {"v3", "v4"}),
        ("NOT khi", {"v2"}),
        ("NOT khi NOT lua", set()),
        ("lua OR NOT khi", {"v2"}),
        ("year:2020..2021", {"v2", "v3"}),
        ("year:..2019", {"v1"}),
        ("type:software", {"v3"}),
        ('type:"image, moving"', {"v4"}),
        ("*", {"v1", "v2", "v3", "v4"}),
        ("nothing-like-this", set()),
    ],
)
def test_query(reader: Reader, query: str, expected: set[str]) -> None:
    assert set(ids(reader, query)) == expected


def test_exact_marks_come_first(reader: Reader) -> None:
    assert ids(reader, "dương") == ["v3", "v2"]
    assert ids(reader, "đường") == ["v2", "v3"]
    assert set(ids(reader, "duong")) == {"v2", "v3"}


def test_words_side_by_side_come_first(engine: Engine, folder: Path, reader: Reader) -> None:
    scattered = [document(5, "khí độc " * 9 + "nắng hậu"), document(6, "Đất. " * 30 + "khí hậu")]
    put(engine, folder, *scattered)
    assert ids(reader, "khi hau")[-1] == "v5"


def test_a_phrase_with_the_same_marks_comes_first(
    engine: Engine, folder: Path, reader: Reader
) -> None:
    """Also where the other has all of these words, and each two of them side by side."""
    put(engine, folder, document(5, "đương tơ lua", "con đường tơ", "tơ lụa, đương", "con đương"))
    for query in ('"con đường tơ lụa"', '"con duong to lua"'):
        assert ids(reader, query) == ["v2"]
    put(engine, folder, document(6, "con dương tơ lụa", "đường"))
    assert ids(reader, '"con đường tơ lụa"') == ["v2", "v6"]
    assert ids(reader, '"con dương tơ lụa"') == ["v6", "v2"]


def test_total_and_pages(reader: Reader) -> None:
    first = reader.search(Search(sort=Sort.OLDEST, limit=3))
    second = reader.search(Search(sort=Sort.OLDEST, offset=3, limit=3))
    assert (first.ids, second.ids) == (["v1", "v2", "v3"], ["v4"])
    assert first.total == second.total == 4
    assert reader.search(Search(limit=0)).ids == []


def test_orders(reader: Reader) -> None:
    assert ids(reader, EVERYTHING, sort=Sort.NEWEST) == ["v4", "v3", "v2", "v1"]
    assert ids(reader, "khi OR lua", sort=Sort.TITLE) == ["v4", "v2", "v1", "v3"]


def test_filters_narrow_results_counts_and_facets(reader: Reader) -> None:
    recent = Range("year", 2020, None)
    found = reader.search(Search(filters=[recent], facets={"type": 10, "topic": 10}))
    assert (set(found.ids), found.total) == ({"v2", "v3", "v4"}, 3)
    assert dict(found.facets["type"]) == {"dataset": 1, "software": 1, "image, moving": 1}
    assert found.facets["topic"] == [("b", 1)]


@pytest.mark.parametrize("query", ["du lieu", "khi NOT (khi hau)", "khi OR lúa"])
def test_what_only_orders_changes_no_count(reader: Reader, query: str) -> None:
    found = reader.search(Search(parse(query).tree, facets={"type": 10}))
    assert found.total == sum(count for _type, count in found.facets["type"]) > 0
    assert set(found.ids) == set(ids(reader, query, sort=Sort.OLDEST))


def test_a_large_index_counts_facets_as_a_small_one(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the ranking, in a thread of its own."""
    asked = Search(parse("khi").tree, chosen={"type": ["dataset"]}, facets={"type": 9, "topic": 9})
    small = reader.search(asked)
    monkeypatch.setattr("repository.discovery.engines.tantivy.MOST_ALONE", 0)
    assert reader.search(asked) == small
    assert small.facets["topic"] == [("a", 1), ("b", 1)]


def test_a_chosen_facet_is_counted_as_if_it_were_not(reader: Reader) -> None:
    chosen = {"type": ["dataset"], "topic": ["a"]}
    found = reader.search(Search(chosen=chosen, facets={"type": 10, "topic": 10, "years": 3}))
    assert found.ids == ["v1"]
    assert found.facets["type"] == [("dataset", 1)]  # among those with topic a
    assert dict(found.facets["topic"]) == {"a": 1, "b": 2}
    assert found.facets["years"] == []


def test_several_values_of_a_facet_add_up(reader: Reader) -> None:
    assert set(ids(reader, EVERYTHING, chosen={"type": ["dataset", "software"]})) == {
        "v1",
        "v2",
        "v3",
    }


def test_trees_that_no_query_gives(reader: Reader) -> None:
    assert ids(reader, NOTHING) == []
    assert len(ids(reader, Not(NOTHING))) == 4
    assert ids(reader, And((Not(Not(Keyword("id", "v2"))),))) == ["v2"]
    assert len(ids(reader, Or((Not(Keyword("id", "v2")), Keyword("id", "v2"))))) == 4
    assert set(ids(reader, AnyOf("id", ("v2", "no such", "v1")))) == {"v1", "v2"}
    assert ids(reader, AnyOf("id", ())) == []


def test_a_record_is_replaced_and_removed(engine: Engine, folder: Path, reader: Reader) -> None:
    with engine.writer(folder) as writer:
        writer.replace("r1", [document(9, "một", record="r1")], known=True)
        writer.replace("r1", [document(10, "hai", record="r1")], known=True)
        writer.replace("r2", [], known=True)
        writer.commit()
    assert set(ids(reader, EVERYTHING)) == {"v10", "v3", "v4"}
    assert reader.count() == 3


def test_what_is_not_committed_is_forgotten(engine: Engine, folder: Path, reader: Reader) -> None:
    with engine.writer(folder) as writer:
        writer.replace("r1", [], known=True)
    put(engine, folder, document(5, "năm"))
    assert reader.count() == 5


def test_every_facet_can_be_counted(reader: Reader) -> None:
    found = reader.search(Search(facets=dict.fromkeys(FACETS, 5)))
    assert list(found.facets) == list(FACETS)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Whoosh forgets a file
def test_a_torn_index_is_an_engine_error(engine: Engine, folder: Path) -> None:
    put(engine, folder, *LIBRARY)
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes()[:3])
    with pytest.raises(EngineError):
        engine.reader(folder).search(Search(parse("khi").tree))


def test_an_engine_that_nobody_brought() -> None:
    with pytest.raises(EngineError, match="there are: tantivy, whoosh"):
        engine_named("altavista")

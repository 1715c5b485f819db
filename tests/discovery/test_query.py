import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repository.discovery.engines.base import Search
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
from repository.discovery.engines.tantivy import translate as to_tantivy
from repository.discovery.engines.whoosh import translate as to_whoosh
from repository.discovery.query import MAX_CHARACTERS, MAX_TERMS, parse

GRAMMAR = st.lists(
    st.sampled_from(
        ['"', "(", ")", "[", "]", "{", "}", ":", "~", "*", "?", "-", "+", "^", "/", "\\", " ", "..",
         " AND ", " OR ", " NOT ", "year:", "title:", "creator:", "TO", "2019", "dữ", "liệu", "a",
         "'", "~2", "10.5072/x", "\x00", "\ud800", "𝔘", "=", "<", ">"]
    ),
    max_size=120,
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", EVERYTHING),
        ("  *  ", EVERYTHING),
        ("year:2019..2024", Range("year", 2019, 2024)),
        ("year:[2019 TO 2024]", Range("year", 2019, 2024)),
        ("year:2019", Range("year", 2019, 2019)),
        ("year:2019..", Range("year", 2019, None)),
        ('creator:"Nguyễn Văn A"', Phrase("creator", ("nguyen", "van", "a"))),
        ("author:nguy*", Prefix("creator", "nguy")),
        ("title:climte~", Fuzzy("title", "climte", 1)),
        ("doi:10.5072/ABC", Keyword("identifier", "10.5072/abc")),
        ('doi:"https://doi.org/10.5072/ABC"', Keyword("identifier", "10.5072/abc")),
        ("language:vi", Keyword("language", "vi")),
        ("NOT year:2019", Not(Range("year", 2019, 2019))),
        ("-year:2019", Not(Range("year", 2019, 2019))),
        (
            "(id:a OR id:b) id:c",
            And((Or((Keyword("id", "a"), Keyword("id", "b"))), Keyword("id", "c"))),
        ),
        (
            "subject:khí title:hậu",
            And((Term("subject", "khi"), Term("title", "hau"))),
        ),
    ],
)
def test_language(text: str, tree: Node) -> None:
    assert parse(text).tree == tree


def test_a_word_with_marks_prefers_them() -> None:
    tree = parse("dương").tree
    assert isinstance(tree, Prefer)
    assert tree.child == Term("text", "duong")
    assert Term("marked", "dương", 3.0) in tree.better


@pytest.mark.parametrize(
    "text", ["10.5072/ABC", "https://doi.org/10.5072/ABC", '"doi:10.5072/abc"']
)
def test_a_doi_in_any_dress(text: str) -> None:
    tree = parse(text).tree
    assert isinstance(tree, Or)
    assert Keyword("identifier", "10.5072/abc") in tree.children


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * (MAX_CHARACTERS + 1), "Only the first %(limit)s characters were used."),
        ("a " * (MAX_TERMS + 1), "Only the first %(limit)s terms were used."),
        ("colour:red", "There is no field “%(name)s”; it was read as a word."),
        ("year:soon", "“%(text)s” is not a range of years such as 2019..2024."),
        ('"', "There is no word in this query to look for."),
    ],
)
def test_what_was_left_out_is_said(text: str, said: str) -> None:
    assert said in [note.message for note in parse(text).notes]


def test_a_query_without_a_word_finds_nothing() -> None:
    assert parse("?!").tree == NOTHING


def test_words_not_asked_for_are_not_highlighted() -> None:
    assert parse("a NOT b c").words == ("a", "c")


@given(st.one_of(GRAMMAR, st.text(max_size=400), st.binary(max_size=300).map(
    lambda raw: raw.decode("utf-8", "surrogateescape"))))  # fmt: skip
@example("(" * 300)
@example(")" * 300 + "(" * 20)
@example("NOT " * 75)
@example("a:" * 150)
@example('"a' * 150)
@example("[TO" * 100)
def test_any_text_is_a_query_for_every_engine(text: str) -> None:
    search = Search(parse(text).tree)
    to_tantivy(search.query)
    to_whoosh(search.query)

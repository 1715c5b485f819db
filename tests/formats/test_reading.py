"""Formats that begin a draft: what each takes, what it names as left, and what it refuses."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.formats import registry
from repository.formats.base import Understood, UnreadableMetadata
from repository.formats.reading.registry import READERS, understand
from repository.records.metadata import Metadata, parse, problems
from tests.formats.documents import MINIMAL, document, full_metadata

FULL = document(full_metadata())


def read(name: str, text: str) -> Understood:
    return READERS[name](text.encode())


@pytest.mark.parametrize("name", READERS)
def test_what_we_write_is_known_again(name: str) -> None:
    entry = registry.find(name)
    assert entry is not None
    data = entry.render(FULL)
    for found in (
        understand("", entry.media_type, data),
        understand(f"a.{entry.extension}", "", data),
        understand("upload", "application/octet-stream", data),
    ):
        assert found.name == name
        assert found.told.doi == "10.5072/k3x9a-1mz42"
        assert found.told.metadata["titles"][0]["title"] == FULL.metadata.title()
        bad = [p for p in problems(dict(found.told.metadata)) if p.severity == "error"]
        assert bad == []


def test_bibtex_in_the_wild() -> None:
    source = r"""
    @comment{left alone}
    @article{key:2020,
      title = "The {DNA} of Vi{\^e}t Nam: 50\% {\'e}l\'ev\'e",
      author = {Nguy{\~{e}}n, V{\u a}n An and {Institute of A and B} and Ann Lee},
      journal = {J. of Examples}, volume = 3, pages = {1--9},
      year = 2020, month = mar, doi = {https://doi.org/10.5072/ABC},
      annote = {only for me}
    }
    @misc{second, title={x}}
    """
    found = read("bibtex", source)
    assert found.doi == "10.5072/abc"
    assert found.metadata["titles"] == [{"title": "The DNA of Viêt Nam: 50% élévé"}]
    names = [c["person_or_org"] for c in found.metadata["creators"]]
    assert (names[0]["family_name"], names[0]["given_name"]) == ("Nguyẽn", "Văn An")
    assert names[1]["name"] == "Institute of A and B"
    assert (names[2]["family_name"], names[2]["given_name"]) == ("Lee", "Ann")
    assert found.metadata["publication_date"] == "2020-03"
    assert found.metadata["related_items"][0]["last_page"] == "9"
    assert found.left == ("annote", "1 more entries")


def test_ris_in_the_wild() -> None:
    lines = ("TY  - JOUR", "TI  - A title", "AU  - Lee, Ann", "PY  - 2020///", "N1  - mine")
    source = "\ufeff" + "\r\n".join((*lines, "ER  - ", "TY  - BOOK", ""))
    found = read("ris", source)
    assert found.metadata["resource_type"] == {"id": "publication-article"}
    assert found.metadata["publication_date"] == "2020"
    assert found.left == ("N1", "1 more references")


def test_a_citation_file_names_what_it_cannot_place() -> None:
    source = """cff-version: 1.2.0
title: Tool
authors: [{family-names: Groot, name-particle: de, orcid: "https://orcid.org/0000-0002-1825-0097"}]
date-released: 2024-05-01
license: MIT
repository-code: https://example.org/code
references: [{title: other}]
"""
    found = read("cff", source)
    assert found.metadata["resource_type"] == {"id": "software"}
    assert found.metadata["publication_date"] == "2024-05-01"
    assert found.metadata["rights"] == [{"id": "mit"}]
    person = found.metadata["creators"][0]["person_or_org"]
    assert person["family_name"] == "de Groot"
    assert person["identifiers"] == [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}]
    assert found.left == ("references",)


def test_a_crate_refers_to_people_elsewhere_in_its_graph() -> None:
    crate = {
        "@context": "https://w3id.org/ro/crate/1.2/context",
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "about": {"@id": "./"},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": "A crate",
                "author": [{"@id": "#ann"}],
                "license": {"@id": "https://spdx.org/licenses/CC-BY-4.0"},
                "hasPart": [{"@id": "a.csv"}],
                "workflowThing": {"@id": "#loop"},
            },
            {"@id": "#ann", "@type": "Person", "name": "Ann Lee", "affiliation": {"@id": "#i"}},
            {"@id": "#i", "@type": "Organization", "name": "An Institute"},
            {"@id": "#loop", "isPartOf": {"@id": "#loop"}},
        ],
    }
    found = understand("ro-crate-metadata.json", "", json.dumps(crate).encode()).told
    creator = found.metadata["creators"][0]
    assert creator["person_or_org"]["family_name"] == "Lee"
    assert creator["affiliations"] == [{"name": "An Institute"}]
    assert found.metadata["rights"] == [{"id": "cc-by-4.0"}]
    assert found.left == ("workflowThing",)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.cff", b"cff-version: 1.2.0\na: &a [x, x]\nb: [*a, *a, *a]\n"),
        ("a.cff", b"- not: a mapping"),
        ("a.cff", b"cff-version: [[["),
        ("a.bib", b"@article{x, title = {never ends"),
        ("a.bib", b"nothing"),
        ("a.ris", b"nothing"),
        ("a.ris", b"\xff\xfe"),
        ("a.json", b"[" * 100_000),
        ("a.json", b'{"@graph": [{"@id": "x"}]}'),
        ("a.json", b'{"@graph": 5}'),
        ("a.json", b'{"metadata": {}, "x": '),
        ("a.json", b'{"some": "thing"}'),
        ("a.json", b'{"resources": 7}'),
        ("a.json", b"null"),
        ("a.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
        ("", b""),
    ],
)
def test_what_is_none_of_them_is_refused_with_a_reason(name: str, data: bytes) -> None:
    with pytest.raises(UnreadableMetadata) as refused:
        understand(name, "", data)
    assert str(refused.value)


WORDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "@id",
                    "@type",
                    "name",
                    "creator",
                    "author",
                    "license",
                    "value",
                    "date-parts",
                    "geo",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)
KEYS = [
    *("title", "titles", "name", "creators", "author", "authors", "issued", "license", "licenses"),
    *("keywords", "resources", "contributors", "sources", "identifier", "spatialCoverage"),
    *("cff-version", "type", "@type", "@graph", "metadata", "funding", "citation", "pids"),
]


@given(st.dictionaries(st.sampled_from(KEYS), WORDS, max_size=8), st.sampled_from(sorted(READERS)))
@settings(max_examples=150, deadline=None)
def test_odd_values_never_break_a_reader(sent: dict[str, Any], name: str) -> None:
    try:
        found = READERS[name](json.dumps(sent | {"cff-version": 1}).encode())
    except UnreadableMetadata:
        return
    problems(dict(found.metadata))


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_odd_texts_never_break_a_reader(words: str) -> None:
    for name, start in (("bibtex", "@a{b,"), ("ris", "TY  - "), ("cff", "cff-version: ")):
        try:
            problems(dict(read(name, start + words.replace("\ud800", "")).metadata))
        except (UnreadableMetadata, UnicodeEncodeError):
            continue


def test_a_minimal_record_comes_back_whole_as_far_as_it_can() -> None:
    for name in ("datacite-xml", "datacite-json", "json"):
        entry = registry.find(name)
        assert entry is not None
        back = Metadata.model_validate(dict(READERS[name](entry.render(document())).metadata))
        assert back.titles == parse(MINIMAL).titles
        assert back.creators == parse(MINIMAL).creators

"""From JSON to inputs and back: nothing is lost on the way, and problems find their input."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.core.errors import ValidationFailed
from repository.deposit.form.rows import MAX_INPUTS, Row, decode, encode, name_of, parse
from repository.deposit.form.schema import FORM
from repository.records.metadata.frequencies import as_subject

FULL: dict[str, Any] = {
    "metadata": {
        "resource_type": {"id": "dataset"},
        "titles": [
            {"title": "Khí hậu", "lang": "vi"},
            {"title": "Climate", "lang": "en"},
            {"title": "Một phụ đề", "lang": "vi", "type": {"id": "subtitle"}},
        ],
        "creators": [
            {
                "person_or_org": {
                    "type": "personal",
                    "family_name": "Nguyễn",
                    "given_name": "An",
                    "identifiers": [
                        {"scheme": "isni", "identifier": "0000000121032683"},
                        {"scheme": "orcid", "identifier": "0000-0002-1825-0097"},
                    ],
                },
                "affiliations": [
                    {"name": "Viện A", "identifiers": [{"scheme": "ror", "identifier": "x"}]},
                    {"name": "Viện B"},
                ],
            },
            {"person_or_org": {"type": "organizational", "name": "Nhóm C", "lang": "vi"}},
        ],
        "descriptions": [
            {"description": "Dòng 1\n\n* hai", "lang": "vi", "type": {"id": "abstract"}}
        ],
        "publication_date": "2026-05",
        "subjects": [{"subject": "mưa", "scheme": "LCSH", "value_uri": "https://example.org/1"}],
        "rights": [{"id": "cc-by-4.0"}, {"title": "Riêng", "link": "https://example.org/l"}],
        "locations": {
            "features": [
                {"place": "Hà Nội", "geometry": {"type": "Point", "coordinates": [105.8, 21.0]}},
                {"geometry": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}},
            ]
        },
        "related_items": [{"resource_type": {"id": "other"}}],
        "sizes": ["3 pages"],
    },
    "access": {
        "record": "public",
        "files": "restricted",
        "embargo": {"active": False},
        "terms": {"vi": "Chỉ để nghiên cứu."},
        "data_class": "important",
        "personal_data": {"contains": True, "ground": "consent"},
    },
    "files_enabled": True,
}


def inputs(row: Row, prefix: str = "") -> list[tuple[str, str]]:
    """What a browser would send of a form that shows `row`."""
    import json

    pairs = [(f"{prefix}{name}", value) for name, value in row.values.items()]
    if prefix and row.rest:
        pairs.append((f"{prefix}_rest", json.dumps(row.rest)))
    for name, rows in row.groups.items():
        for inner in rows:
            pairs += inputs(inner, f"{prefix}{name}/{inner.key}/")
    return pairs


def round_trip(content: dict[str, Any]) -> dict[str, Any]:
    shown = encode(content, FORM)
    sent = parse(inputs(shown), FORM)
    sent.rest = shown.rest
    return decode(sent, FORM)


def test_everything_comes_back() -> None:
    back = round_trip(FULL)
    orcid = back["metadata"]["creators"][0]["person_or_org"]["identifiers"]
    assert sorted(orcid, key=str) == sorted(
        FULL["metadata"]["creators"][0]["person_or_org"]["identifiers"], key=str
    )
    orcid[:] = FULL["metadata"]["creators"][0]["person_or_org"]["identifiers"]
    assert back == FULL


def test_every_choice_is_sent_and_kept() -> None:
    shown = encode({"files_enabled": False}, FORM)
    assert shown.get("has_files") == "no"
    assert decode(shown, FORM)["files_enabled"] is False
    shown.values["has_files"] = "yes"
    assert decode(shown, FORM)["files_enabled"] is True


def test_how_often_data_are_renewed_is_a_choice_of_its_own() -> None:
    """It is a subject in the metadata, wherever among them, and none in the form."""
    keyword, yearly = {"subject": "mưa"}, as_subject("ANNUAL")
    shown = encode({"metadata": {"subjects": [yearly, keyword]}}, FORM)
    assert shown.get("frequency") == "ANNUAL"
    assert [row.get("subject") for row in shown.groups["subjects"]] == ["mưa"]
    shown.values["frequency"] = "MONTHLY"
    assert decode(shown, FORM)["metadata"]["subjects"] == [keyword, as_subject("MONTHLY")]
    shown.values["frequency"] = ""
    assert decode(shown, FORM)["metadata"]["subjects"] == [keyword]


def test_what_the_browser_does_to_text_is_undone() -> None:
    row = parse([("titles/0/title", " a\x00b "), ("descriptions/0/description", "a\r\nb")], FORM)
    content = decode(row, FORM)
    assert content["metadata"]["titles"] == [{"title": "ab"}]
    assert content["metadata"]["descriptions"] == [{"description": "a\nb"}]


def test_empty_rows_are_left_out_and_offered_again() -> None:
    row = parse([("titles/0/lang", "vi"), ("titles/0/title", ""), ("titles/7/title", "T")], FORM)
    content = decode(row, FORM)
    assert content["metadata"] == {"titles": [{"title": "T"}]}
    offered = [r.get("lang") for r in encode(content, FORM).groups["titles"]]
    assert offered == ["", "vi", "en"]


def test_rows_keep_the_order_of_the_page_whatever_their_numbers() -> None:
    row = parse([("subjects/9/subject", "a"), ("subjects/2/subject", "b")], FORM)
    assert decode(row, FORM)["metadata"]["subjects"] == [{"subject": "a"}, {"subject": "b"}]


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/metadata/titles", "titles"),
        ("/metadata/titles/0/title", "titles/4/title"),
        ("/metadata/creators/0/person_or_org/name", "creators/1/family_name"),
        ("/metadata/creators/1/person_or_org/name", "creators/2/name"),
        ("/metadata/creators/0/person_or_org/identifiers/0/identifier", "creators/1/orcid"),
        ("/metadata/creators/0/affiliations/0/name", "creators/1/affiliations/3/name"),
        ("/metadata/publication_date", "publication_date"),
        ("/metadata/locations/features/0/geometry/coordinates", "locations/0/geometry"),
        ("/access/embargo/until", "until"),
        ("/metadata/sizes/0", ""),
    ],
)
def test_a_pointer_finds_its_input(pointer: str, name: str) -> None:
    row = parse(
        [
            ("titles/0/title", ""),
            ("titles/4/title", "T"),
            ("creators/1/type", "personal"),
            ("creators/1/orcid", "wrong"),
            ("creators/1/affiliations/3/ror", "x"),
            ("creators/2/type", "organizational"),
            ("creators/2/ror", "x"),
            ("locations/0/geometry", "somewhere"),
            ("embargo", "yes"),
        ],
        FORM,
    )
    assert name_of(pointer, row, FORM) == name


def test_a_person_known_by_one_name_is_shown_in_parts() -> None:
    person = {"person_or_org": {"type": "personal", "name": "Nguyễn, Thị Lan"}}
    row = encode({"metadata": {"creators": [person]}}, FORM)
    shown = row.groups["creators"][0]
    assert (shown.get("family_name"), shown.get("given_name")) == ("Nguyễn", "Thị Lan")
    assert "name" not in decode(row, FORM)["metadata"]["creators"][0]["person_or_org"]


def test_a_changed_licence_does_not_keep_the_words_of_the_old_one() -> None:
    known = {"id": "cc-by-4.0", "title": "Creative Commons Attribution 4.0 International"}
    row = encode({"metadata": {"rights": [known | {"lang": "en", "link": "l"}]}}, FORM)
    row.groups["rights"][0].values["id"] = "cc0-1.0"
    assert decode(row, FORM)["metadata"]["rights"] == [{"id": "cc0-1.0"}]


@pytest.mark.parametrize(
    ("typed", "geometry"),
    [
        ("21.03, 105.85", {"type": "Point", "coordinates": [105.85, 21.03]}),
        ("21;105", "21;105"),
        ("here", "here"),
    ],
)
def test_coordinates(typed: str, geometry: object) -> None:
    row = parse([("locations/0/geometry", typed)], FORM)
    features = decode(row, FORM)["metadata"]["locations"]["features"]
    assert features == [{"geometry": geometry}]


def test_an_area_is_a_box_and_reads_back() -> None:
    content = decode(parse([("locations/0/geometry", "23.4, 102.1; 8.2, 109.5")], FORM), FORM)
    (feature,) = content["metadata"]["locations"]["features"]
    assert feature["geometry"]["bbox"] == [102.1, 8.2, 109.5, 23.4]
    shown = encode(content, FORM).groups["locations"][0]
    assert shown.get("geometry") == "8.2, 102.1; 23.4, 109.5"


def test_more_than_a_person_could_type_is_refused() -> None:
    with pytest.raises(ValidationFailed):
        parse(((f"subjects/{n}/subject", "x") for n in range(MAX_INPUTS + 1)), FORM)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("aé ", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["title", "lang", "type", "id", "name", "person_or_org", "features"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)
NAMES = st.sampled_from([g.path.split("/")[1] for g in FORM.groups] + ["version", "sizes"])


@given(st.dictionaries(NAMES, JSONS, max_size=4))
def test_whatever_a_draft_holds_can_be_shown_and_sent_back(metadata: dict[str, Any]) -> None:
    once = round_trip({"metadata": metadata})
    assert round_trip(once) == once


@given(st.lists(st.tuples(st.text("titles/0123_rest", max_size=14), st.text(max_size=5))))
def test_whatever_is_sent_is_taken(pairs: list[tuple[str, str]]) -> None:
    decode(parse(pairs, FORM), FORM)

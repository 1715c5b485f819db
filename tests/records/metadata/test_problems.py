"""What a depositor is told, and that nothing a draft may hold breaks the telling."""

import copy
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from repository.core.errors import ValidationFailed
from repository.records.metadata import Metadata, accept, parse, problems, shape
from tests.formats.documents import MINIMAL
from tests.formats.strategies import METADATA

LOOSE = settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=80)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["vi", "2024", "\ud800", "\x00", "https://", "0000-0002-1825-0097"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "title", "name", "identifier", "scheme", "type", "lang", "x/~y"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def told(raw: Any, stage: Any = "publish") -> dict[str, tuple[str, str]]:
    return {p.pointer: (p.severity, p.message % p.params) for p in problems(raw, stage)}


@st.composite
def broken(draw: st.DrawFn) -> dict[str, Any]:
    """Metadata of which some members were replaced by anything."""
    raw: dict[str, Any] = copy.deepcopy(draw(METADATA))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = raw
        for _ in range(draw(st.integers(0, 5))):
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            inner = [k for k in keys if isinstance(place[k], dict | list) and place[k]]
            if not inner:
                break
            place = place[draw(st.sampled_from(inner))]
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        place[draw(st.sampled_from(keys))] = draw(JSON)
    return raw


@LOOSE
@given(broken() | JSON)
def test_whatever_a_draft_holds_is_answered(raw: Any) -> None:
    """Never an exception, and what is free of errors can be published."""
    found = [*problems(raw, "draft"), *problems(raw, "publish")]
    for problem in found:
        assert problem.message % problem.params
        assert problem.pointer == "" or problem.pointer.startswith("/")
    if isinstance(raw, dict):
        shape(raw)
        accept(raw)
    if not any(p.severity == "error" for p in problems(raw, "publish")):
        Metadata.model_validate(raw)


def test_an_empty_draft_is_told_what_publishing_needs() -> None:
    required = {"/resource_type", "/titles", "/creators", "/publication_date", "/publisher"}
    empty: dict[str, Any] = {"titles": [], "creators": None, "publisher": "  "}
    assert set(told(empty, "draft")) == set(told(empty, "publish")) == required
    assert {severity for severity, _ in told(empty, "draft").values()} == {"warning"}
    assert {severity for severity, _ in told(empty, "publish").values()} == {"error"}


def test_complete_metadata_have_no_problems() -> None:
    assert problems(MINIMAL, "publish") == []


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"titles": "x"}, "/titles", "This must be a list."),
        ({"titles": [{"title": ""}]}, "/titles/0/title", "This is required."),
        ({"titles": [{"title": 3}]}, "/titles/0/title", "This must be text."),
        ({"titles": [{"title": "x" * 2001}]}, "/titles/0/title", "Use at most 2000 characters."),
        ({"titles": [{"title": "x"}] * 101}, "/titles", "Give at most 100 of these."),
        ({"titles": [{"title": "x", "lang": "tiếng"}]}, "/titles/0/lang", "“tiếng” is not a lang"),
        ({"titles": [{"title": "x", "type": "subtitle"}]}, "/titles", "One title must be the main"),
        ({"resource_type": {"id": "cheese"}}, "/resource_type", "“cheese” is not in the list"),
        ({"creators": [7]}, "/creators/0", "This must be an object"),
        ({"creators": [{}]}, "/creators/0/person_or_org", "This is required."),
        ({"publication_date": "17/5/2024"}, "/publication_date", "Write the date as a year"),
        ({"publication_date": "2023-02-29"}, "/publication_date", "Write the date as a year"),
        ({"colour": "red"}, "/colour", "There is no field of this name."),
        ({"a/b~c": "red"}, "/a~1b~0c", "There is no field of this name."),
        ({"dates": [{"date": "soon", "type": "issued"}]}, "/dates/0/date", "Write a date as 2024"),
        ({"rights": [{}]}, "/rights/0", "Choose a licence"),
        (
            {"locations": {"features": [{"geometry": {"type": "Point", "coordinates": [0, 91]}}]}},
            "/locations/features/0/geometry",
            "Give a longitude from -180",
        ),
        (
            {"related_identifiers": [{"identifier": "x", "scheme": "hal",
                                      "relation_type": {"id": "cites"}}]},
            "/related_identifiers/0/scheme",
            "“hal” is not a known kind",
        ),
        (
            {"related_identifiers": [{"identifier": "10.5072", "scheme": "doi",
                                      "relation_type": {"id": "cites"}}]},
            "/related_identifiers/0/identifier",
            "“10.5072” is not a valid DOI",
        ),
        (
            {"related_items": [{"resource_type": "book", "relation_type": "cites",
                                "publication_year": "MMXX"}]},
            "/related_items/0/publication_year",
            "Write a year of four digits.",
        ),
        (
            {"creators": [{"person_or_org": {"name": "A", "type": "robot"}}]},
            "/creators/0/person_or_org/type",
            "Choose one of: personal, organizational.",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_beside_its_field(
    change: dict[str, Any], pointer: str, message: str
) -> None:
    found = told(MINIMAL | change)
    assert re.match(re.escape(message), found[pointer][1])


def test_doubts_that_do_not_prevent_publishing_are_warnings() -> None:
    raw = MINIMAL | {
        "dates": [{"date": "321 BCE", "type": {"id": "created"}}],
        "identifiers": [{"identifier": "1234-5678", "scheme": "issn"}],
        "locations": {
            "features": [
                {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}}
            ]
        },
    }
    assert {pointer: severity for pointer, (severity, _) in told(raw).items()} == {
        "/dates/0/date": "warning",
        "/identifiers/0/identifier": "warning",
        "/locations/features/0/geometry": "warning",
    }


def test_what_was_published_elsewhere_is_kept_with_its_typing_errors() -> None:
    wrong = {"identifier": "0000-0002-1825-0098", "scheme": "orcid"}
    raw = MINIMAL | {"creators": [{"person_or_org": {"name": "A", "identifiers": [wrong]}}]}
    severities = [told(raw, stage).popitem()[1][0] for stage in ("draft", "publish", "import")]
    assert severities == ["error", "error", "warning"]


def test_pointers_follow_the_shape_that_was_sent() -> None:
    raw = {k: v for k, v in MINIMAL.items() if k != "titles"} | {
        "title": 5,
        "additional_titles": [{"title": "x", "type": {"id": "cheese"}}],
        "additional_descriptions": [{"description": "x"}, {"description": 1}],
    }
    assert set(told(raw)) == {
        "/title",
        "/additional_titles/0/type",
        "/additional_descriptions/1/description",
    }


def test_two_shapes_that_disagree_are_for_the_sender_to_settle() -> None:
    raw = MINIMAL | {"title": "Something else"}
    assert told(raw)["/title"][1] == (
        "titles and title say different things. Send only one of them."
    )


def test_parse_names_each_wrong_field() -> None:
    with pytest.raises(ValidationFailed) as failure:
        parse(MINIMAL | {"publisher": 5, "sizes": "big"})
    assert [e.pointer for e in failure.value.errors] == ["/publisher", "/sizes"]


def test_the_model_itself_refuses_what_is_incomplete() -> None:
    with pytest.raises(ValidationError):
        Metadata.model_validate({"titles": [{"title": "x"}]})

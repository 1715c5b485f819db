"""Clients of InvenioRDM and Zenodo find what they know, and lose nothing."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from repository.records.metadata import accept, parse, problems, settled, shape
from tests.formats.strategies import METADATA

ZENODO: dict[str, Any] = {
    "resource_type": {"id": "image-photo", "title": {"de": "Foto", "en": "Photo"}},
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "given_name": "Thị Mẫu",
                "family_name": "Trần",
                "identifiers": [{"identifier": "0000-0002-1825-0097"}],
            },
            "role": {"id": "datamanager", "title": {"en": "Data manager"}},
            "affiliations": [{"id": "04wxnsj81", "name": "Viện Ví dụ"}, {"name": "Khác"}],
        }
    ],
    "title": "Ảnh chụp sông Mẫu",
    "additional_titles": [
        {"title": "Photo", "type": {"id": "translated-title"}, "lang": {"id": "eng"}}
    ],
    "description": "<p>Ảnh</p>",
    "publication_date": "2024-05",
    "publisher": "Zenodo",
    "subjects": [{"id": "https://example.org/fos/1.5", "subject": "Thủy văn"}, {"subject": "sông"}],
    "languages": [{"id": "vie", "title": {"en": "Vietnamese"}}],
    "rights": [
        {
            "id": "cc-by-4.0",
            "title": {"en": "Creative Commons Attribution 4.0 International"},
            "description": {"en": "Allows re-use."},
            "props": {"scheme": "spdx", "url": "https://creativecommons.org/licenses/by/4.0/"},
        }
    ],
    "references": [{"reference": "Lê M. H. (2020). Sách.", "identifier": "10.5072/sach"}],
    "funding": [
        {
            "funder": {"id": "04z8jg394", "name": "Quỹ Ví dụ", "country": "VN"},
            "award": {
                "id": "04z8jg394::105.08",
                "title": {"en": "Small rivers"},
                "identifiers": [{"scheme": "url", "identifier": "https://example.org/105.08"}],
            },
        }
    ],
    "locations": {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [105.8, 21, 12]}}
        ],
    },
}


def test_a_record_of_zenodo_is_taken_whole() -> None:
    metadata = parse(ZENODO)
    assert [(t.title, t.lang) for t in metadata.titles] == [
        ("Ảnh chụp sông Mẫu", None),
        ("Photo", "en"),
    ]
    creator = metadata.creators[0]
    assert creator.person_or_org.name == "Trần, Thị Mẫu"
    assert creator.person_or_org.known_as("orcid") == "0000-0002-1825-0097"
    assert creator.affiliations[0].identifiers[0].scheme == "ror"
    assert metadata.subjects[0].value_uri == "https://example.org/fos/1.5"
    assert metadata.rights[0].id == "cc-by-4.0"
    assert metadata.related_items[0].titles[0].title == "Lê M. H. (2020). Sách."
    award = metadata.funding[0].award
    assert award is not None
    assert (award.number, award.title, award.lang) == ("105.08", "Small rivers", "en")
    assert award.uri == "https://example.org/105.08"


def test_what_was_taken_is_given_back_in_their_names() -> None:
    made = shape(parse(ZENODO).model_dump(mode="json", exclude_none=True))
    for name in ("title", "description", "publication_date", "publisher"):
        assert made[name] == ZENODO[name]
    assert made["additional_titles"][0]["lang"] == {"id": "eng"}
    assert made["additional_titles"][0]["type"]["id"] == "translated-title"
    assert made["creators"][0]["affiliations"][0]["id"] == "04wxnsj81"
    assert made["creators"][0]["role"]["title"]["vi"] == "Người quản lý dữ liệu"
    assert made["funding"][0]["funder"]["id"] == "04z8jg394"
    assert made["rights"][0]["title"]["en"] == "Creative Commons Attribution 4.0 International"
    assert made["languages"] == [{"id": "vie"}]


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(METADATA)
def test_what_is_given_can_be_sent_back_unchanged(raw: dict[str, Any]) -> None:
    metadata = parse(raw)
    assert parse(shape(metadata.model_dump(mode="json", exclude_none=True))) == metadata
    assert parse(metadata.model_dump(mode="json", exclude_none=True)) == metadata


def test_both_shapes_may_be_sent_when_they_agree() -> None:
    made = accept(
        {
            "titles": [{"title": "A", "lang": "vi"}, {"title": "B"}],
            "title": "A",
            "additional_titles": [{"title": "B", "type": {"id": "translated-title"}}],
        }
    )
    assert made == {"titles": [{"title": "A", "lang": "vi"}, {"title": "B"}]}


BEFORE = accept(ZENODO) | {
    "titles": [{"title": "A", "lang": "vi"}, {"title": "B", "lang": "en"}],
    "descriptions": [{"description": "Một", "lang": "vi", "type": {"id": "abstract"}}],
}


def sent_back(**changed: Any) -> dict[str, Any]:
    return settled(accept(shape(BEFORE) | changed), BEFORE)


def test_a_client_that_changes_one_of_the_shapes_it_read_means_that_one() -> None:
    theirs = parse(sent_back(title="A2", description="Hai"))
    assert [(t.title, t.lang) for t in theirs.titles] == [("A2", "vi"), ("B", "en")]
    assert [(d.description, d.lang) for d in theirs.descriptions] == [("Hai", "vi")]
    added = parse(sent_back(additional_titles=[{"title": "C", "type": {"id": "subtitle"}}]))
    assert [t.title for t in added.titles] == ["A", "C"]
    ours = parse(sent_back(titles=[{"title": "Z", "lang": "vi"}]))
    assert [t.title for t in ours.titles] == ["Z"]


def test_who_changes_both_shapes_has_to_decide() -> None:
    both = sent_back(title="A2", titles=[{"title": "Z"}])
    assert both["title"] == "A2"
    assert any(each.pointer == "/title" for each in problems(both))


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(METADATA)
def test_a_draft_sent_back_as_it_was_read_is_as_it_was(raw: dict[str, Any]) -> None:
    draft = parse(raw).model_dump(mode="json", exclude_none=True)
    assert parse(settled(accept(shape(draft)), draft)) == parse(draft)
    assert settled(draft, {"titles": {"x": 1}, "descriptions": [5]}) == draft


def test_only_additional_titles_are_titles_too() -> None:
    assert accept({"additional_titles": [{"title": "B"}]}) == {"titles": [{"title": "B"}]}


def test_a_draft_of_odd_shape_is_shown_as_it_is() -> None:
    odd = {"titles": {"x": 1}, "rights": [5], "creators": [{"affiliations": "here"}]}
    assert shape(odd) == odd


def test_a_vietnamese_title_is_the_same_however_it_was_typed() -> None:
    decomposed = {"title": "Dư\u0303 liê\u0323u \x00\ud800"}
    assert accept(decomposed)["titles"][0]["title"].strip() == "Dữ liệu"


def test_what_nobody_filled_in_is_left_out_but_items_keep_their_places() -> None:
    sent = {"version": " ", "publisher": None, "subjects": [{"subject": ""}, {"subject": "a"}]}
    assert accept(sent) == {"subjects": [{}, {"subject": "a"}]}

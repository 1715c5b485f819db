"""The lists are DataCite's, whole, in both languages."""

import pytest
from lxml import etree

from repository.records.metadata import vocabularies as lists
from repository.records.metadata.vocabulary import Vocabulary
from tests.shared import SHARED

PUBLISHED = {
    "resourceType": lists.RESOURCE_TYPES,
    "contributorType": lists.CONTRIBUTOR_TYPES,
    "dateType": lists.DATE_TYPES,
    "relationType": lists.RELATION_TYPES,
    "relatedIdentifierType": lists.RELATED_SCHEMES,
    "titleType": lists.TITLE_TYPES,
    "descriptionType": lists.DESCRIPTION_TYPES,
    "funderIdentifierType": lists.FUNDER_SCHEMES,
    "numberType": lists.NUMBER_TYPES,
    "nameType": lists.NAME_TYPES,
}


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", PUBLISHED)
def test_each_list_is_the_schemas(name: str) -> None:
    assert SHARED is not None
    folder = SHARED / "standards" / "datacite" / "kernel-4.7" / "include"
    source = etree.parse(str(folder / f"datacite-{name}-v4.xsd"))
    values = {str(v.get("value")) for v in source.iter("{*}enumeration")}
    assert {entry.datacite for entry in PUBLISHED[name]} == values


@pytest.mark.parametrize("vocabulary", PUBLISHED.values(), ids=lambda v: v.name)
def test_each_value_is_found_and_has_its_labels(vocabulary: Vocabulary) -> None:
    for entry in vocabulary:
        assert vocabulary.find(entry.id) is entry
        assert entry.id == entry.id.lower()
        assert vocabulary.find(entry.datacite.upper()) is not None
        assert entry.vi.strip()
        assert entry.en.strip()
    labels = [entry.vi for entry in vocabulary]
    assert len(labels) == len(set(labels))


def test_ids_are_inveniordms_where_it_has_one() -> None:
    assert lists.RESOURCE_TYPES.datacite("publication-article") == "JournalArticle"
    assert lists.RESOURCE_TYPES.datacite("image-photo") == "Image"
    image = lists.RESOURCE_TYPES.find("Image")
    assert image is not None
    assert image.id == "image"
    assert lists.RELATED_SCHEMES.datacite("ads") == "bibcode"
    assert lists.RELATION_TYPES.label("iscitedby", "vi") == "Được trích dẫn bởi"
    assert lists.RELATION_TYPES.label("unheard", "vi") == "unheard"

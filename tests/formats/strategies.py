"""Metadata of every shape, for properties that must hold for all of it.

Left out is what DataCite cannot say: a second language of the resource, a role of a creator, a
description of a place, a hole in a polygon, a type finer than the general one beside free text.
"""

import string
from typing import Any

from hypothesis import strategies as st

from repository.records.metadata import vocabularies as lists
from repository.records.metadata.places import box
from repository.records.metadata.vocabulary import Vocabulary

SIGNS = st.sampled_from("aăâđêôơưĐỆ ộ̂漢😀<>&\"'\\{}\x07\u200b " + string.digits)
LINES = st.text(SIGNS, min_size=1, max_size=20).map(lambda s: f"x{s}")
TEXTS = st.lists(LINES, min_size=1, max_size=4).map("\n".join)
TAGS = st.sampled_from(["vi", "en", "vi-VN", "zh-Hant", "khb"])
NUMBERS = st.floats(-1, 1, allow_nan=False).map(lambda n: round(n, 9))


def term(vocabulary: Vocabulary) -> st.SearchStrategy[dict[str, str]]:
    """One of the values a DataCite name is read as."""
    plain = [entry.id for entry in vocabulary if not vocabulary.is_finest(entry)]
    return st.sampled_from(plain).map(lambda known: {"id": known})


def some(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


def few(entries: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(entries, max_size=2)


TITLES = some({"title": LINES}, {"lang": TAGS, "type": term(lists.TITLE_TYPES)})
NAME_SCHEMES = st.sampled_from([*(entry.id for entry in lists.NAME_SCHEMES), "Mã cán bộ"])
NAME_IDENTIFIERS = some({"identifier": LINES, "scheme": NAME_SCHEMES}, {"scheme_uri": LINES})
AFFILIATIONS = some(
    {"name": LINES},
    {"identifiers": st.lists(NAME_IDENTIFIERS, max_size=1)},
)
PERSONS = some(
    {"name": LINES},
    {
        "type": st.sampled_from(["personal", "organizational"]),
        "given_name": LINES,
        "family_name": LINES,
        "lang": TAGS,
        "identifiers": few(NAME_IDENTIFIERS),
    },
)
CREATORS = some({"person_or_org": PERSONS}, {"affiliations": few(AFFILIATIONS)})
CONTRIBUTORS = some(
    {"person_or_org": PERSONS, "role": term(lists.CONTRIBUTOR_TYPES)},
    {"affiliations": few(AFFILIATIONS)},
)
SCHEMES = st.sampled_from([entry.id for entry in lists.RELATED_SCHEMES])
RELATION = {
    "relation_type_information": LINES,
    "related_metadata_scheme": LINES,
    "scheme_uri": LINES,
    "scheme_type": LINES,
}
RELATED = some(
    {"identifier": LINES, "scheme": SCHEMES, "relation_type": term(lists.RELATION_TYPES)},
    {"resource_type": term(lists.RESOURCE_TYPES), **RELATION},
)
ITEMS = some(
    {
        "resource_type": term(lists.RESOURCE_TYPES),
        "relation_type": term(lists.RELATION_TYPES),
    },
    {
        **RELATION,
        "identifier": LINES,
        "scheme": SCHEMES,
        "creators": few(some({"person_or_org": PERSONS}, {})),
        "titles": few(TITLES),
        "publication_year": st.integers(1000, 9999).map(str),
        "volume": LINES,
        "issue": LINES,
        "number": LINES,
        "first_page": LINES,
        "last_page": LINES,
        "publisher": LINES,
        "edition": LINES,
        "contributors": few(CONTRIBUTORS),
    },
)
POINTS = st.tuples(NUMBERS, NUMBERS).map(list)
RINGS = st.lists(POINTS, min_size=3, max_size=4).map(lambda ring: [[*ring, ring[0]]])
SHAPES = st.one_of(
    POINTS.map(lambda p: {"type": "Point", "coordinates": p}),
    st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS).map(lambda b: box(*b)),
    some({"type": st.just("Polygon"), "coordinates": RINGS}, {"in_polygon_point": POINTS}),
)
GEOMETRIES = SHAPES | st.lists(SHAPES, min_size=2, max_size=3).map(
    lambda shapes: {"type": "GeometryCollection", "geometries": shapes}
)
PLACES = some({"place": LINES}, {"geometry": GEOMETRIES, "other_places": few(LINES)})
RIGHTS = some(
    {"title": LINES},
    {
        "id": st.sampled_from(["cc-by-4.0", "mit", "Điều khoản riêng"]),
        "lang": TAGS,
        "link": LINES,
        "scheme": LINES,
        "scheme_uri": LINES,
    },
)
FUNDER_SCHEMES = st.sampled_from([entry.id for entry in lists.FUNDER_SCHEMES])
FUNDER_IDENTIFIERS = some({"identifier": LINES, "scheme": FUNDER_SCHEMES}, {"scheme_uri": LINES})
AWARDS = some({"number": LINES}, {"title": LINES, "uri": LINES}) | some(
    {"title": LINES, "lang": TAGS}, {}
)
FUNDING = some(
    {"funder": some({"name": LINES}, {"identifiers": st.lists(FUNDER_IDENTIFIERS, max_size=1)})},
    {"award": AWARDS},
)
SUBJECTS = some(
    {"subject": LINES},
    {
        "scheme": LINES,
        "scheme_uri": LINES,
        "value_uri": LINES,
        "classification_code": LINES,
        "lang": TAGS,
    },
)
DATES = some(
    {"date": LINES, "type": term(lists.DATE_TYPES)},
    {"description": LINES},
)
METADATA = some(
    {
        "resource_type": some({"id": term(lists.RESOURCE_TYPES).map(lambda t: t["id"])}, {})
        | st.sampled_from([{"id": entry.id} for entry in lists.RESOURCE_TYPES])
        | LINES.map(lambda text: {"id": "dataset", "description": text}),
        "titles": st.lists(TITLES, min_size=1, max_size=3),
        "creators": st.lists(CREATORS, min_size=1, max_size=3),
        "publication_date": st.sampled_from(["2024", "2024-05", "2024-05-17", "2023-12/2024-01"]),
        "publisher": LINES,
    },
    {
        "publisher_details": some(
            {"identifier": LINES}, {"scheme": NAME_SCHEMES, "scheme_uri": LINES, "lang": TAGS}
        ),
        "descriptions": few(
            some({"description": TEXTS}, {"lang": TAGS, "type": term(lists.DESCRIPTION_TYPES)})
        ),
        "contributors": few(CONTRIBUTORS),
        "subjects": few(SUBJECTS),
        "dates": few(DATES),
        "languages": st.lists(st.sampled_from(["vi", "eng", "en-GB", "khb"]), max_size=1),
        "identifiers": few(some({"identifier": LINES, "scheme": SCHEMES | LINES}, {})),
        "related_identifiers": few(RELATED),
        "related_items": few(ITEMS),
        "sizes": few(LINES),
        "formats": few(LINES),
        "version": LINES,
        "rights": few(RIGHTS),
        "locations": st.lists(PLACES, min_size=1, max_size=2).map(lambda f: {"features": f}),
        "funding": few(FUNDING),
    },
)

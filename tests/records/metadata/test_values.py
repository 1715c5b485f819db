"""Identifiers, dates, languages and places, one by one."""

import pytest

from repository.records.metadata import parse
from repository.records.metadata.dates import is_date
from repository.records.metadata.identifiers import bare, detect, is_valid, url
from repository.records.metadata.languages import bcp_47, iso_639_3
from repository.records.metadata.places import Geometry
from tests.formats.documents import MINIMAL

ORCID = "0000-0002-1825-0097"


@pytest.mark.parametrize(
    ("scheme", "right", "wrong"),
    [
        ("orcid", "0000-0002-1825-0097", "0000-0002-1825-0098"),
        ("orcid", "https://orcid.org/0000-0001-5109-3700", "https://orcid.org/0000-0001-5109-3701"),
        ("ror", "https://ror.org/04wxnsj81", "https://ror.org/04wxnsj82"),
        ("ror", "04wxnsj81", "04uxnsj81"),
        ("isni", "0000 0001 2103 2683", "0000 0001 2103 2684"),
        ("doi", "https://doi.org/10.5072/abc", "11.5072/abc"),
        ("issn", "1234-5679", "1234-5678"),
        ("isbn", "978-3-905673-82-1", "978-3-905673-82-2"),
        ("swh", "swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2", "swh:1:cnt:94a9"),
        ("igsn", "10.60510/ICDP5054EEW1001", "https://example.org/a sample"),
        ("igsn", "10273/BGRB5054RX05201", "11999/BGRB5054RX05201"),
        ("raid", "https://raid.org/10.82841/4c0f4d3e", "82841/4c0f4d3e"),
        ("crossreffunderid", "https://doi.org/10.13039/501100001809", "10.1234/501100001809"),
        ("grid", "grid.267849.6", "267849"),
    ],
)
def test_a_typing_error_in_an_identifier_is_seen(scheme: str, right: str, wrong: str) -> None:
    assert is_valid(scheme, right)
    assert not is_valid(scheme, wrong)


def test_identifiers_of_unknown_schemes_are_believed() -> None:
    assert is_valid("Mã cán bộ", "anything")
    assert url("Mã cán bộ", "anything") is None
    assert bare(None, "anything") == "anything"


@pytest.mark.parametrize(
    ("scheme", "value", "address", "short"),
    [
        ("doi", "10.5072/abc", "https://doi.org/10.5072/abc", "10.5072/abc"),
        ("orcid", ORCID, f"https://orcid.org/{ORCID}", ORCID),
        ("ror", "https://ror.org/04wxnsj81", "https://ror.org/04wxnsj81", "04wxnsj81"),
        ("arxiv", "arXiv:0706.0001", "https://arxiv.org/abs/arXiv:0706.0001", "arXiv:0706.0001"),
        ("issn", "1234-5679", None, "1234-5679"),
        ("igsn", "10273/AB12345", "https://hdl.handle.net/10273/AB12345", "10273/AB12345"),
        ("igsn", "10.60510/AB12345", "https://doi.org/10.60510/AB12345", "10.60510/AB12345"),
        ("raid", "10.82841/4c0f", "https://raid.org/10.82841/4c0f", "10.82841/4c0f"),
        ("crossreffunderid", "1000018", "https://doi.org/10.13039/1000018", "1000018"),
        ("wikidata", "Q192924", "https://www.wikidata.org/entity/Q192924", "Q192924"),
        ("orcid", "0000", None, "0000"),
    ],
)  # fmt: skip
def test_identifiers_have_an_address_and_a_short_form(
    scheme: str, value: str, address: str | None, short: str
) -> None:
    assert url(scheme, value) == address
    assert bare(scheme, value) == short


@pytest.mark.parametrize(
    "text",
    ["2024", "2024-02", "2024-02-29", "2024-02-29T10:00Z", "2024-02-29T10:00:00.5+07:00", "-0044",
     "0000", "2020/2024", "2020-01-01/", "/2024", "../2024", "2020/open"],
)  # fmt: skip
def test_dates_that_can_be_read(text: str) -> None:
    assert is_date(text)


@pytest.mark.parametrize(
    "text",
    ["", "/", "2023-02-29", "2024-13", "321 BCE", "17/05/2024", "2020/2021/2022", "20240517"],
)
def test_dates_that_cannot(text: str) -> None:
    assert not is_date(text)


def test_languages_have_a_long_and_a_short_code() -> None:
    assert [iso_639_3(t) for t in ("vi", "en", "zh", "khb", "en-GB")] == [
        "vie", "eng", "zho", "khb", "en-GB",
    ]  # fmt: skip
    assert [bcp_47(c) for c in ("vie", "eng", "zho", "cmn", "khb")] == [
        "vi", "en", "zh", "zh", "khb",
    ]  # fmt: skip


def test_title_and_abstract_are_given_in_the_readers_language() -> None:
    told = [{"description": "Tóm tắt", "lang": "vie"}, {"description": "Abs", "lang": "en-GB"}]
    metadata = parse(MINIMAL | {"descriptions": told})
    assert (metadata.title("vi"), metadata.title("en")) == ("Mưa ở Mẫu", "Rain in Sample")
    assert metadata.title("fr") == metadata.title() == "Mưa ở Mẫu"
    assert (metadata.description("vi"), metadata.description("en")) == ("Tóm tắt", "Abs")
    assert parse(MINIMAL).description() is None


def test_shapes_of_many_parts_are_taken_apart() -> None:
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    made = Geometry.model_validate(
        {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]},
                {"type": "MultiPolygon", "coordinates": [[ring], [ring]]},
            ],
        }
    )
    assert [part.type for part in made.parts()] == ["Point", "Point", "Polygon", "Polygon"]


def test_a_text_too_long_for_an_identifier_is_not_searched() -> None:
    assert not is_valid("url", "https://example.org/" + "a" * 5000)
    assert detect("10.5072/" + "a" * 5000, ("doi",)) is None

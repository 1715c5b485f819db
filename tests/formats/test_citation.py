"""Formatted citations: every style, both languages, names as their owners write them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from repository.formats.citation import citation
from repository.formats.citation_styles import STYLES, Style, find_locale, find_style
from repository.records.metadata import parse
from tests.formats.documents import MINIMAL, document, full_metadata
from tests.formats.strategies import METADATA

FULL = document(full_metadata())
TWO = document(
    parse(
        MINIMAL
        | {
            "version": "2.0",
            "creators": [
                {"person_or_org": {"type": "personal", "name": "Nguyễn, Văn Thử"}},
                {"person_or_org": {"type": "personal", "name": "Example, Jane Ann"}},
            ],
        }
    )
)
DOI = "https://doi.org/10.5072/k3x9a-1mz42"
KEEPER = "Kho dữ liệu Ví dụ"


def style(name: str) -> Style:
    found = find_style(name)
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("apa", "vi", ("Nguyễn Văn Thử, và Example, J. A. (2024). Mưa ở Mẫu (Phiên bản 2.0) "
         f"[Bộ dữ liệu]. {KEEPER}. {DOI}")),
        ("apa", "en", ("Nguyễn, V. T., & Example, J. A. (2024). Rain in Sample (Version 2.0) "
         f"[Dataset]. {KEEPER}. {DOI}")),
        ("viet-nam", "vi", ("Nguyễn Văn Thử, Example J.A. (2024), Mưa ở Mẫu, phiên bản 2.0, "
         f"bộ dữ liệu, {KEEPER}, {DOI}.")),
        ("viet-nam", "en", ("Nguyễn Văn Thử, Example J.A. (2024), Rain in Sample, version 2.0, "
         f"dataset, {KEEPER}, {DOI}.")),
        ("chicago", "en", ("Nguyễn, Văn Thử, and Jane Ann Example. 2024. “Rain in Sample”. "
         f"Version 2.0. {KEEPER}, May 17. {DOI}.")),
        ("chicago", "vi", ("Nguyễn Văn Thử, và Jane Ann Example. 2024. “Mưa ở Mẫu”. "
         f"Phiên bản 2.0. {KEEPER}. {DOI}.")),
        ("mla", "vi", ("Nguyễn Văn Thử, và Jane Ann Example. “Mưa ở Mẫu”. Phiên bản 2.0, "
         f"{KEEPER}, 17 tháng 5, 2024, {DOI}.")),
        ("ama", "en", ("Nguyễn VT, Example JA. Rain in Sample. Published online May 17, 2024. "
         "doi:10.5072/k3x9a-1mz42")),
    ],
)  # fmt: skip
def test_styles_as_their_guides_show_them(name: str, language: str, text: str) -> None:
    assert citation(TWO, language, style(name)) == text


@pytest.mark.parametrize("each", STYLES, ids=lambda each: each.name)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_style_names_authors_title_year_and_address(each: Style, language: str) -> None:
    made = citation(FULL, language, each)
    assert "nguyễn" in made.lower()
    assert ("Water levels of the Sample River" if language == "en" else "Mực nước sông") in made
    assert "2024" in made
    assert "10.5072/k3x9a-1mz42" in made
    assert not made.startswith(("1", "[1]", "(1)"))


@pytest.mark.parametrize("each", STYLES, ids=lambda each: each.name)
def test_a_doi_that_only_this_site_resolves_never_leads_to_doi_org(each: Style) -> None:
    tried = document(full_metadata(), test_prefix="10.5072")
    made = citation(tried, "vi", each)
    assert "https://data.example.org/doi/10.5072/k3x9a-1mz42" in made
    assert "doi.org" not in made


@pytest.mark.parametrize("each", STYLES, ids=lambda each: each.name)
def test_without_a_doi_the_page_is_cited(each: Style) -> None:
    assert "https://data.example.org/records/k3x9a-1mz42" in citation(
        document(full_metadata(), doi=None), "en", each
    )


def test_a_citation_of_many_names_some() -> None:
    people = [{"person_or_org": {"name": f"Họ{n}, Tên"}} for n in range(30)]
    made = citation(document(parse(MINIMAL | {"creators": people})), "en")
    assert "Họ18, T., … Họ29, T." in made
    assert "Họ19" not in made


def test_titles_stay_as_they_were_written() -> None:
    raw = MINIMAL | {"titles": [{"title": "pH & <độ mặn> of the Mekong", "lang": "en"}]}
    for each in STYLES:
        assert "pH & <độ mặn> of the Mekong" in citation(document(parse(raw)), "en", each)


def test_styles_are_known_by_the_names_others_use() -> None:
    assert find_style("modern-language-association") == style("mla")
    assert find_style("Chicago-Author-Date") == style("chicago")
    assert find_style("no-such-style") is None
    assert (find_locale("vi-VN"), find_locale("en-GB"), find_locale("fr")) == ("vi", "en", None)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(METADATA)
def test_whatever_can_be_published_can_be_cited(raw: dict[str, Any]) -> None:
    for each in STYLES:
        assert "10.5072" in citation(document(parse(raw)), "vi", each)

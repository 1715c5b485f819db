"""Dublin Core as it is found: the same thing is said in many ways, and much that is none of it."""

from typing import Any

import pytest

from repository.formats.base import Understood, UnreadableMetadata
from repository.formats.dublin_core_reading import read

WHOLE = """<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">{}</oai_dc:dc>"""


def told(name: str, *texts: str) -> Understood:
    said = "".join(f"<dc:{name}>{text}</dc:{name}>" for text in texts)
    return read(WHOLE.format(said).encode())


@pytest.mark.parametrize(
    ("name", "texts", "field", "value"),
    [
        ("date", ("2021-03-04T01:02:03Z", "2020-05", "31/12/1999"), "publication_date", "2020-05"),
        ("date", ("info:eu-repo/date/embargoEnd/2019-01-01", "2020"), "publication_date", "2020"),
        ("date", ("0001-01-01", "20200101"), "publication_date", None),
        (
            *("type", ("info:eu-repo/semantics/masterThesis",), "resource_type"),
            {"id": "publication-thesis"},
        ),
        ("type", ("Vở kịch", "Dataset"), "resource_type", {"id": "dataset"}),
        ("type", ("Vở kịch",), "resource_type", {"id": "other"}),
        ("language", ("vi", "en_US", "không rõ"), "languages", [{"id": "vie"}, {"id": "eng"}]),
        ("rights", ("info:eu-repo/semantics/openAccess",), "rights", None),
        (
            *("rights", ("http://creativecommons.org/licenses/by-nc/4.0/deed.vi",), "rights"),
            [{"id": "cc-by-nc-4.0"}],
        ),
        (
            *("rights", ("https://creativecommons.org/publicdomain/zero/1.0/",), "rights"),
            [{"id": "cc0-1.0"}],
        ),
        (
            *("identifier", ("https://kho.example.org/handle/1/2", "Số 7"), "identifiers"),
            [
                {"scheme": "url", "identifier": "https://kho.example.org/handle/1/2"},
                {"scheme": "local", "identifier": "Số 7"},
            ],
        ),
    ],
)
def test_what_can_be_told_is_told(
    name: str, texts: tuple[str, ...], field: str, value: Any
) -> None:
    assert told(name, *texts).metadata.get(field) == value


def test_a_doi_is_known_in_any_spelling() -> None:
    for text in ("https://doi.org/10.5555/ABC", "doi:10.5555/abc", "10.5555/abc"):
        found = told("identifier", text)
        assert found.doi == "10.5555/abc"
        assert "identifiers" not in found.metadata


def test_another_root_is_refused() -> None:
    with pytest.raises(UnreadableMetadata, match="The root is not `dc`"):
        read(b"<dc/>")

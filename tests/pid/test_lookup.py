"""Prefilling the deposit form, from servers that answer as the public APIs do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from repository.core.errors import NotFound, Unavailable, ValidationFailed
from repository.core.fetch import FetchRefused
from repository.core.settings import Settings
from repository.pid.crossref import metadata_of
from repository.pid.lookup import look_up
from tests.core.test_fetch import serving
from tests.runtimes import make_settings

ORCID = "0000-0002-1825-0097"
ROR = "https://ror.org/02mhbdp94"
CROSSREF = {
    "message": {
        "type": "journal-article",
        "title": ["Floods in an <i>invented</i> delta"],
        "author": [
            {
                "given": "Example",
                "family": "Researcher",
                "ORCID": f"http://orcid.org/{ORCID}",
                "affiliation": [{"name": "An Institute"}],
            },
            {"name": "An Invented Consortium"},
            {"sequence": "additional"},
        ],
        "issued": {"date-parts": [[2024, 5]]},
        "publisher": "Example Press",
        "abstract": "<jats:p>Water.</jats:p>",
        "language": "en",
    }
}
DATACITE = {
    "data": {
        "id": "10.82001/known",
        "attributes": {
            "doi": "10.82001/known",
            "titles": [{"title": "Known"}],
            "creators": [{"name": "Researcher, Example", "nameType": "Personal"}],
            "publisher": "Example Repository",
            "publicationYear": 2025,
            "types": {"resourceTypeGeneral": "Dataset"},
        },
    }
}
ANSWERS: dict[str, Any] = {
    "/dois/10.82001/known": DATACITE,
    "/works/10.82001/article": CROSSREF,
    f"/v3.0/{ORCID}/person": {
        "name": {"given-names": {"value": "Example"}, "family-name": {"value": "Researcher"}}
    },
    "/v2/organizations/02mhbdp94": {
        "names": [
            {"value": "EI", "types": ["acronym"]},
            {"value": "Example Institute", "types": ["ror_display", "label"]},
        ]
    },
    "/dois/10.82001/odd": ["not an object"],
}


def answer(handler: Any) -> None:
    found = ANSWERS.get(handler.path)
    body = json.dumps(found).encode()
    handler.send_response(404 if found is None else 200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with serving(answer) as url:
        addresses = {
            f"prefill_{name}_url": url for name in ("datacite", "crossref", "orcid", "ror")
        }
        yield make_settings(
            tmp_path, "", prefill=True, prefill_allow_private=True, prefill_timeout=5, **addresses
        )


def test_a_doi_of_datacite(settings: Settings) -> None:
    found = look_up(settings, "https://doi.org/10.82001/known")
    assert found.kind == "doi"
    assert found.values["titles"][0]["title"] == "Known"
    assert found.values["publication_date"] == "2025"


def test_a_doi_of_crossref(settings: Settings) -> None:
    values = look_up(settings, "doi:10.82001/article").values
    assert values == {
        "resource_type": {"id": "publication-article"},
        "titles": [{"title": "Floods in an invented delta"}],
        "creators": [
            {
                "person_or_org": {
                    "type": "personal",
                    "given_name": "Example",
                    "family_name": "Researcher",
                    "identifiers": [{"scheme": "orcid", "identifier": ORCID}],
                },
                "affiliations": [{"name": "An Institute"}],
            },
            {
                "person_or_org": {"type": "organizational", "name": "An Invented Consortium"},
                "affiliations": [],
            },
        ],
        "publication_date": "2024-05",
        "publisher": "Example Press",
        "descriptions": [{"description": "Water.", "type": {"id": "abstract"}}],
        "languages": [{"id": "en"}],
    }


@pytest.mark.parametrize("odd", [{}, {"message": []}, {"message": {"author": [1], "title": "x"}}])
def test_odd_answers_of_crossref_do_no_harm(odd: dict[str, Any]) -> None:
    assert metadata_of(odd) == {"resource_type": {"id": "publication"}}


def test_a_person_and_an_organisation(settings: Settings) -> None:
    person = look_up(settings, f"https://orcid.org/{ORCID}").values["person_or_org"]
    assert (person["given_name"], person["family_name"]) == ("Example", "Researcher")
    assert look_up(settings, ROR).values == {"id": "02mhbdp94", "name": "Example Institute"}


@pytest.mark.parametrize(
    "wrong",
    ["", "x" * 5000, "0000-0002-1825-0098", "https://ror.org/02mhbdp95", "http://127.0.0.1/"],
)
def test_identifiers_that_cannot_be_true_are_not_asked_for(settings: Settings, wrong: str) -> None:
    with pytest.raises(ValidationFailed):
        look_up(settings, wrong)


def test_unknown_odd_switched_off_and_inside(settings: Settings) -> None:
    with pytest.raises(NotFound):
        look_up(settings, "10.82001/unknown")
    with pytest.raises(Unavailable):
        look_up(settings, "10.82001/odd")
    with pytest.raises(NotFound):
        look_up(settings.model_copy(update={"prefill": False}), "10.82001/known")
    with pytest.raises(FetchRefused):
        look_up(settings.model_copy(update={"prefill_allow_private": False}), "10.82001/known")


def test_visitors_cannot_make_the_site_fetch(client: FlaskClient) -> None:
    assert client.get("/prefill?identifier=10.82001/known").status_code == 302

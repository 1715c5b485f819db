"""What each format says of access: COAR's, OpenAIRE's, schema.org's, DCAT's words, and days."""

import json
from dataclasses import replace
from datetime import date

import pytest

from repository.formats import registry
from repository.records.document import AccessStatus, Document
from tests.formats.documents import document

DAY = date(2027, 3, 1)
COAR = "http://purl.org/coar/access_right/"
EPRINT = "info:eu-repo/semantics/"
EU = "http://publications.europa.eu/resource/authority/access-right/"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
# By status: COAR's code, OpenAIRE's word, DCAT-AP's concept, schema.org's isAccessibleForFree.
STATUSES = {
    "open": ("c_abf2", "openAccess", "PUBLIC", True),
    "embargoed": ("c_f1cf", "embargoedAccess", "RESTRICTED", False),
    "restricted": ("c_16ec", "restrictedAccess", "RESTRICTED", False),
    "metadata-only": ("c_14cb", "closedAccess", "NON_PUBLIC", False),
}
SAYING = {
    COAR: ("json-ld", "ro-crate", "croissant", "oai-openaire", "mods", "marcxml"),
    EPRINT: ("datacite-json", "datacite-xml", "dublin-core"),
    EU: ("dcat-turtle", "dcat-xml", "dcat-jsonld"),
}
WITH_DAY = (
    *(*SAYING[EPRINT], *SAYING[EU], "oai-openaire", "marcxml", "json"),
    *("mods", "ddi", "iso19139"),
)


def _with_access(status: str, **others: object) -> Document:
    files = "public" if status in ("open", "metadata-only") else "restricted"
    until = DAY if status == "embargoed" else None
    access = AccessStatus(status, "public", files, until)
    return replace(document(), access=access, **others)  # type: ignore[arg-type]


def _text(name: str, told: Document) -> str:
    served = registry.find(name)
    assert served is not None, name
    return served.render(told).decode()


@pytest.mark.parametrize("status", STATUSES)
def test_every_format_says_in_its_words_who_may_have_it(status: str) -> None:
    told = _with_access(status)
    coar, eprint, concept, free = STATUSES[status]
    for vocabulary, word in ((COAR, coar), (EPRINT, eprint), (EU, concept)):
        for name in SAYING[vocabulary]:
            text = _text(name, told)
            assert vocabulary + word in text, name
            others = {f"{vocabulary}{each[0]}" for each in STATUSES.values()} - {vocabulary + word}
            assert not any(other in text for other in others), name
    assert json.loads(_text("json-ld", told))["isAccessibleForFree"] is free
    for name in WITH_DAY:
        assert (DAY.isoformat() in _text(name, told)) is (status == "embargoed"), name


def test_terms_and_a_files_own_licence_are_told_where_there_is_a_place() -> None:
    told = document()
    files = tuple(replace(file, license="cc0-1.0") for file in told.files)
    told = replace(told, files=files, terms={"en": "For research alone."})
    for name in ("json-ld", "ro-crate", "croissant", "data-package", *SAYING[EU]):
        assert CC0 not in _text(name, document()), name
        assert CC0 in _text(name, told), name
    for name in ("json-ld", "ro-crate", "croissant", "datacite-xml", *SAYING[EU]):
        assert f"{told.url}/terms" in _text(name, told), name

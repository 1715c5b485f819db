"""Every kind of answer against the official schemas, with the metadata inside."""

from pathlib import Path

import pytest
from flask import Flask
from lxml import etree

from repository.core.runtime import Runtime
from repository.oai.descriptions import identify_descriptions
from tests.oai.harvesting import Endpoint
from tests.oai.publishing import Publisher
from tests.runtimes import make_settings

XSD = "{http://www.w3.org/2001/XMLSchema}"


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    from tests.shared import SHARED

    if SHARED is None:
        pytest.skip("the official schemas are not beside this checkout")
    return etree.XMLSchema(etree.parse(str(SHARED / "standards/oai-pmh/all.xsd")))


REQUESTS = [
    {"verb": "Identify"},
    {"verb": "ListMetadataFormats"},
    {"verb": "ListSets"},
    {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"},
    {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
    {"verb": "ListRecords", "metadataPrefix": "oai_datacite"},
    {"verb": "ListRecords", "metadataPrefix": "datacite"},
    {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-01-01"},
    {"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "2020-01-01"},
    {"verb": "ListRecords", "metadataPrefix": "none"},
    {"verb": "ListRecords", "resumptionToken": "wrong"},
    {"verb": "ListRecords"},
    {"verb": "Nothing"},
    {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:a.b:<&>"},
    {"verb": "ListMetadataFormats", "identifier": "none"},
    {},
]


@pytest.fixture
def endpoint(small_pages: Runtime, small_app: Flask) -> Endpoint:
    publisher = Publisher(small_pages)
    ids = [publisher.publish() for _ in range(4)]
    publisher.settle()
    publisher.withdraw(ids[0])
    publisher.settle()
    return Endpoint(small_app)


def test_answers_are_valid(endpoint: Endpoint, schema: etree.XMLSchema) -> None:
    for arguments in REQUESTS:
        named = {f"{name}_" if name == "from" else name: v for name, v in arguments.items()}
        schema.assertValid(endpoint.xml(**named))
    for verb in ("ListRecords", "ListIdentifiers", "ListSets"):
        wanted = {} if verb == "ListSets" else {"metadataPrefix": "oai_dc"}
        for page in endpoint.pages(verb, **wanted):
            schema.assertValid(page.getroottree().getroot())
    for identifier in endpoint.identifiers():
        arguments = {"verb": "GetRecord", "identifier": identifier, "metadataPrefix": "oai_dc"}
        schema.assertValid(endpoint.xml(**arguments))


def test_every_description_says_where_its_schema_is(tmp_path: Path) -> None:
    settings = make_settings(
        tmp_path,
        "sqlite://",
        oai_friends=("https://oai.example.org/",),
        oai_metadata_rights="https://creativecommons.org/publicdomain/zero/1.0/",
        oai_icon_url="https://data.example.org/icon.png",
    )
    made = [etree.fromstring(given) for given in identify_descriptions(settings)]
    names = [etree.QName(root).localname for root in made]
    assert names == ["oai-identifier", "dc", "rightsManifest", "branding", "friends"]
    for root in made:
        location = root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation")
        namespace, schema = str(location).split()
        assert namespace == etree.QName(root).namespace
        assert schema.endswith(".xsd")
    assert made[-1][0].text == "https://oai.example.org/"


@pytest.mark.parametrize(
    ("base_url", "configured", "domain"),
    [
        ("https://data.example.org/repository", "", "data.example.org"),
        ("https://data.example.org", "archive.example.org", "archive.example.org"),
        ("http://127.0.0.1:5000", "", "repository.localhost"),
        ("http://localhost:5000", "", "repository.localhost"),
    ],
)
def test_identifiers_fit_the_guidelines(
    tmp_path: Path, base_url: str, configured: str, domain: str
) -> None:
    from repository.oai.identifiers import oai_identifier

    settings = make_settings(
        tmp_path, "sqlite://", base_url=base_url, oai_identifier_domain=configured
    )
    assert oai_identifier(settings, "k3x9a-1mz42") == f"oai:{domain}:k3x9a-1mz42"

"""What automatic assessments of FAIR data look for, asked of our own pages as they ask.

After the FAIRsFAIR Data Object Assessment Metrics 0.5, those that a program can check. A metric
that is about the data is not asked of records whose data nobody may have.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import pytest
from flask.testing import FlaskClient
from rdflib import Graph

from repository.core.runtime import Runtime
from repository.deposit.publish import withdraw
from repository.discovery.signposting import MAX_HEADER
from repository.records.models import Version
from tests.discovery.library import Depositor

SITE = "http://repository.test"
LINK = re.compile(r'<([^>]+)>; rel="([^"]+)"(?:; type="([^"]+)")?')
JSON_LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
COAR = "http://purl.org/coar/access_right/"
CORE = ("creator", "name", "identifier", "publisher", "datePublished", "description", "keywords")
RELATIONS = ("isPartOf", "subjectOf", "citation", "isBasedOn", "sameAs")
CONTRIBUTOR = {
    "person_or_org": {"type": "organizational", "name": "Viện Ví Dụ"},
    "role": {"id": "datacollector"},
}
CLOSED = {"record": "public", "files": "restricted"}
MANY = 1500


class Assessed:
    """A landing page as a stranger's program gets it."""

    def __init__(self, client: FlaskClient, record: str) -> None:
        self.client, self.address = client, f"{SITE}/records/{record}"
        page = client.get(f"/records/{record}")
        self.header = page.headers["Link"]
        self.links = [(href, rel, kind) for href, rel, kind in LINK.findall(self.header)]
        (embedded,) = JSON_LD.findall(page.text)
        self.told: dict[str, Any] = json.loads(embedded)

    def targets(self, rel: str) -> list[str]:
        return [href for href, known, _ in self.links if known == rel]

    def described(self, name: str) -> bytes:
        (address,) = (t for t in self.targets("describedby") if t.endswith(f"/export/{name}"))
        answer = self.client.get(address.removeprefix(SITE))
        assert answer.status_code == 200
        found: bytes = answer.data
        return found


def _identifier(page: Assessed) -> bool:
    (persistent,) = page.targets("cite-as")
    answer = page.client.get(persistent.removeprefix(SITE))
    leads = urljoin(SITE, answer.headers["Location"]) == page.address
    return leads and page.told["@id"] == persistent


def _knowledge(page: Assessed) -> bool:
    return len(Graph().parse(data=page.described("dcat-turtle"), format="turtle")) > 10


def _file_matches(page: Assessed) -> bool:
    file = page.told["distribution"][0]
    answer = page.client.head(file["contentUrl"].removeprefix(SITE))
    size, kind = answer.headers["Content-Length"], answer.headers["Content-Type"]
    return file["contentSize"] == f"{size} B" and kind.startswith(file["encodingFormat"])


METRICS: dict[str, Callable[[Assessed], object]] = {
    "F1-02D persistent identifier": _identifier,
    "F2-01M core metadata": lambda page: all(page.told.get(name) for name in CORE),
    "F4-01M found by search engines": lambda page: page.told["@type"] == "Dataset",
    "A1-01M access level": lambda page: page.told["conditionsOfAccess"].startswith(COAR),
    "A1-02M standard protocol": lambda page: page.told["url"] == page.address,
    "I1-01M knowledge representation": _knowledge,
    "I3-01M related entities": lambda page: any(page.told.get(name) for name in RELATIONS),
    "R1-01MD resource type": lambda page: "https://schema.org/Dataset" in page.targets("type"),
    "R1.1-01M licence": lambda page: page.targets("license")[0].startswith("https://spdx.org/"),
    "A2 persistence policy": lambda page: b"persistencePolicy" in page.described("dcat-turtle"),
    "R1.2-01M provenance": lambda page: b"Attribution" in page.described("dcat-turtle"),
    "R1.3-01M community standard": lambda page: b"codeBook" in page.described("ddi"),
}
OF_DATA: dict[str, Callable[[Assessed], object]] = {
    "F3-01M identifier of the data": lambda page: page.targets("item"),
    "A1-03D data are there": lambda page: page.told["distribution"][0]["contentUrl"],
    "R1-01MD size and type are true": _file_matches,
    "R1.3-02D open file format": lambda page: page.told["distribution"][0]["encodingFormat"],
}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


def unmet(page: Assessed, metrics: dict[str, Callable[[Assessed], object]]) -> list[str]:
    return [name for name, met in metrics.items() if not met(page)]


def test_a_public_dataset_meets_every_metric(client: FlaskClient, depositor: Depositor) -> None:
    page = Assessed(
        client, depositor.publish({"mưa.csv": b"a,b\n1,2\n"}, contributors=[CONTRIBUTOR])
    )
    assert unmet(page, METRICS | OF_DATA) == []


def test_a_restricted_one_meets_those_of_metadata(
    client: FlaskClient, depositor: Depositor
) -> None:
    page = Assessed(
        client, depositor.publish({"mưa.csv": b"a,b\n"}, CLOSED, contributors=[CONTRIBUTOR])
    )
    assert unmet(page, METRICS) == []
    assert page.targets("item") == []


def test_a_tombstone_meets_those_of_metadata(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime
) -> None:
    record = depositor.publish({"mưa.csv": b"a,b\n"}, contributors=[CONTRIBUTOR])
    with sqlite_runtime.work() as work:
        withdraw(work, depositor.actor, work.session.get_one(Version, record), reason="legal")
    page = Assessed(client, record)
    assert unmet(page, METRICS) == []
    assert page.targets("item") == []


def test_one_of_1500_files_meets_every_metric_and_its_linkset_is_whole(
    client: FlaskClient, depositor: Depositor
) -> None:
    names = [f"ảnh, lớp;1/{n:04}.csv" for n in range(MANY)]
    record = depositor.publish(dict.fromkeys(names, b"a,b\n"), contributors=[CONTRIBUTOR])
    page = Assessed(client, record)
    assert unmet(page, METRICS | OF_DATA) == []
    assert len(page.header.encode()) <= MAX_HEADER
    answer = client.get(f"/records/{record}/linkset")
    assert "Content-Length" not in answer.headers, "it is written while it is sent"
    whole = answer.get_json(force=True)["linkset"]
    (context,) = (each for each in whole if each["anchor"] == page.address)
    items = {each["href"] for each in context["item"]}
    files = {f"{page.address}/files/{quote(name)}" for name in names}
    assert files < items
    back = {e["anchor"]: e["collection"][0]["href"] for e in whole if "collection" in e}
    assert back == dict.fromkeys(items, page.address)

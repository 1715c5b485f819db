"""ResourceSync, followed the way a destination follows it: from one address to everything."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import etree

from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit.publish import withdraw
from repository.oai import resourcesync
from repository.records.models import Version
from tests.discovery.library import Depositor

SITE = "http://repository.test"
CLOSED = {"record": "restricted", "files": "restricted"}
NAMES = {"s": resourcesync.SITEMAP, "rs": resourcesync.TERMS}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


def read(client: FlaskClient, address: str) -> etree._Element:
    answer = client.get(address.removeprefix(SITE))
    assert answer.status_code == 200, address
    assert answer.mimetype == "application/xml"
    return etree.fromstring(answer.data)


def first(element: etree._Element, path: str) -> str:
    found = element.xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return str(found[0]) if found else ""


def entries(root: etree._Element) -> list[etree._Element]:
    return list(root.iterfind("s:url", NAMES)) + list(root.iterfind("s:sitemap", NAMES))


def follow(client: FlaskClient, capability: str) -> list[etree._Element]:
    """All `url` elements of a capability, found from the well-known address."""
    source = read(client, "/.well-known/resourcesync")
    assert first(source, "rs:md/@capability") == "description"
    listed = read(client, first(source, "s:url/s:loc/text()"))
    assert first(listed, "rs:md/@capability") == "capabilitylist"
    index = read(client, first(listed, f"s:url[rs:md/@capability='{capability}']/s:loc/text()"))
    assert index.tag == f"{{{resourcesync.SITEMAP}}}sitemapindex"
    found = []
    for each in entries(index):
        page = read(client, first(each, "s:loc/text()"))
        assert first(page, "rs:md/@capability") == capability
        assert first(page, "rs:ln[@rel='up']/@href")
        assert len(entries(page)) <= resourcesync.PAGE
        found += entries(page)
    return found


def test_everything_public_is_listed_and_matches_its_hash(
    client: FlaskClient, depositor: Depositor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resourcesync, "PAGE", 2)
    shown = {depositor.publish({"mưa & gió.csv": b"a\n", "b.txt": b"bb"}) for _ in range(3)}
    depositor.publish({"c.csv": b"c\n"}, CLOSED)
    half = depositor.publish({"d.csv": b"d\n"}, {"files": "restricted"})
    found = {first(each, "s:loc/text()"): each for each in follow(client, "resourcelist")}
    metadata = {f"{SITE}/records/{each}/export/json-ld" for each in (*shown, half)}
    assert metadata <= found.keys()
    assert len(found) == 4 + 6
    for address, each in found.items():
        with client.get(address.removeprefix(SITE)) as answer:
            assert answer.status_code == 200
            assert answer.mimetype == first(each, "rs:md/@type").split(";")[0]
            if address not in metadata:
                digest = sha256(answer.data).hexdigest()
                assert first(each, "rs:md/@hash") == f"sha-256:{digest}"
                assert first(each, "rs:md/@length") == str(len(answer.data))
                assert first(each, "rs:ln[@rel='describedby']/@href") in metadata
    for path in ("resourcelist-files-9.xml", "resourcelist-metadata-0.xml", "changelist-9.xml"):
        assert client.get(f"/resourcesync/{path}").status_code == 404


def test_changes_are_told_in_order_and_deletions_too(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime, clock: FixedClock
) -> None:
    first_one, second = depositor.publish({}), depositor.publish({})
    hidden = depositor.publish({}, CLOSED)
    clock.advance(timedelta(minutes=1))
    with sqlite_runtime.work() as work:
        version = work.session.get_one(Version, first_one)
        withdraw(work, depositor.actor, version, reason="legal")
    run_until_idle(sqlite_runtime)
    told = follow(client, "changelist")
    changes = [(first(x, "s:loc/text()"), first(x, "rs:md/@change")) for x in told]
    assert changes == [
        (f"{SITE}/records/{second}/export/json-ld", "created"),
        (f"{SITE}/records/{first_one}/export/json-ld", "deleted"),
    ]
    times = [first(x, "s:lastmod/text()") for x in told]
    assert times == sorted(times)
    assert hidden not in "".join(address for address, _ in changes)
    left = {first(x, "s:loc/text()") for x in follow(client, "resourcelist")}
    assert left == {f"{SITE}/records/{second}/export/json-ld"}


def test_what_is_hidden_is_told_as_deleted_before_any_job_ran(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime
) -> None:
    shown = depositor.publish({})
    with sqlite_runtime.work() as work:
        version = work.session.get_one(Version, shown)
        version.record_access = version.files_access = "restricted"
        work.changed(version.record_id)
    (told,) = follow(client, "changelist")
    assert first(told, "rs:md/@change") == "deleted"
    assert follow(client, "resourcelist") == []


def test_an_empty_repository_has_empty_lists(client: FlaskClient) -> None:
    assert follow(client, "resourcelist") == []
    assert follow(client, "changelist") == []

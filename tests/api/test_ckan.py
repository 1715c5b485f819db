"""CKAN's action API, asked by CKAN's own client over HTTP and the way its harvester asks."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError
from ckanapi.errors import CKANAPIError, SearchQueryError
from flask.testing import FlaskClient

from repository.accounts.models import Scope
from repository.accounts.tokens import create_token
from repository.api.ckan.names import slug
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit.publish import withdraw
from repository.records.models import Version
from tests.discovery.library import Depositor

CLOSED = {"record": "restricted", "files": "restricted"}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


@pytest.fixture
def rain(depositor: Depositor) -> str:
    return depositor.publish({"mưa/ngày.csv": b"a,b\n", "đọc.txt": b"xin chao"})


@pytest.fixture(params=["post", "get"])
def ckan(request: pytest.FixtureRequest, site: str) -> Any:
    with RemoteCKAN(site, get_only=request.param == "get") as remote:
        yield remote


def record_of(depositor: Depositor, version: str) -> str:
    with depositor.runtime.read() as work:
        return work.session.get_one(Version, version).record_id


def test_a_client_reads_everything(ckan: Any, depositor: Depositor, rain: str) -> None:
    record = record_of(depositor, rain)
    assert ckan.action.site_read() is True
    assert ckan.action.status_show()["site_url"] == "http://repository.test"
    assert ckan.action.package_list() == [record]
    package = ckan.action.package_show(id=record)
    assert package == ckan.action.package_show(id=rain)
    assert package == ckan.action.package_show(id=f"10.5072/{rain}")
    assert package["title"] == "Lượng mưa ở Đồng Ví Dụ"
    assert package["title_translated"]["en"] == "Rainfall at Đồng Ví Dụ"
    assert package["license_id"] == "CC-BY-4.0"
    assert package["isopen"] is True
    assert package["private"] is False
    assert [tag["name"] for tag in package["tags"]] == ["mưa"]
    csv = package["resources"][0]
    assert (csv["name"], csv["format"], csv["size"]) == ("mưa/ngày.csv", "CSV", 4)
    assert ckan.action.resource_show(id=csv["id"]) == csv
    assert {"key": "doi", "value": f"10.5072/{rain}"} in package["extras"]
    assert ckan.action.current_package_list_with_resources(limit=5) == [package]
    assert ckan.action.organization_list() == [package["owner_org"]] == ["kho-vi-du"]
    organisation = ckan.action.organization_show(id="kho-vi-du", include_datasets=True)
    assert organisation["title"] == "Kho Ví Dụ"
    assert organisation["packages"] == [package]
    assert ckan.action.group_list() == []
    assert ckan.action.tag_list() == ["mưa"]
    assert ckan.action.tag_show(id="mưa")["display_name"] == "mưa"
    assert "CC-BY-4.0" in {each["id"] for each in ckan.action.license_list()}
    assert "dataset" in ckan.action.help_show(name="package_show")


def test_searching(ckan: Any, depositor: Depositor, rain: str, clock: FixedClock) -> None:
    clock.advance(timedelta(minutes=1))
    soil = depositor.publish(
        {"dat.txt": b"x"},
        titles=[{"title": "Đất phèn"}],
        publisher="Viện Đất",
        subjects=[{"subject": "đất"}],
    )
    found = ckan.action.package_search(
        q="dong vi du", rows=5, **{"facet.field": ["organization", "tags", "res_format"]}
    )
    assert found["count"] == 1
    assert found["facets"]["organization"] == {"kho-vi-du": 1}
    assert found["search_facets"]["res_format"]["items"][0]["count"] == 1
    both = ckan.action.package_search(q="*:*", sort="id asc", rows=1)
    assert both["count"] == 2
    assert [each["id"] for each in both["results"]] == [record_of(depositor, rain)]
    rest = ckan.action.package_search(q="*:*", sort="id asc", rows=1, start=1)
    assert [each["id"] for each in rest["results"]] == [record_of(depositor, soil)]
    for fq, count in {
        "organization:vien-dat": 1,
        "-organization:(vien-dat OR kho-vi-du)": 0,
        '+state:active tags:("đất" OR "mưa") AND res_format:CSV': 1,
        "license_id:CC-BY-4.0": 2,
        "groups:none": 0,
        "capacity:public dataset_type:dataset": 2,
    }.items():
        assert ckan.action.package_search(fq=fq)["count"] == count, fq
    assert ckan.action.package_search(rows=0)["results"] == []


def test_errors_are_ckans(ckan: Any, rain: str) -> None:
    with pytest.raises(NotFound):
        ckan.action.package_show(id="no-such")
    with pytest.raises(ValidationError):
        ckan.action.package_show()
    with pytest.raises(ValidationError):
        ckan.action.package_search(rows="many")
    with pytest.raises(CKANAPIError, match="no_such_action"):
        ckan.action.no_such_action()
    for wrong in ("title:(a AND b)", "metadata_modified:2020", "unheard_of:x", "((", "tags:"):
        with pytest.raises(SearchQueryError):
            ckan.action.package_search(fq=wrong)


def test_a_harvester_takes_all_then_only_what_changed(
    site: str, depositor: Depositor, clock: FixedClock, sqlite_runtime: Runtime
) -> None:
    """The calls of ckanext-harvest's CKANHarvester: pages of 100, then since the last time."""
    first = depositor.publish({})
    last = clock.now() + timedelta(minutes=1)
    clock.advance(timedelta(hours=1))
    second = depositor.publish({}, titles=[{"title": "Mới"}])

    def harvest(fq: str = "") -> set[str]:
        found: set[str] = set()
        for start in range(0, 1000, 100):
            asked: dict[str, str | int] = {"rows": 100, "start": start, "sort": "id asc"}
            answer = requests.get(
                f"{site}/api/3/action/package_search",
                params=asked | ({"fq": fq} if fq else {}),
                timeout=30,
            ).json()
            assert answer["success"]
            if not answer["result"]["results"]:
                break
            found |= {each["id"] for each in answer["result"]["results"]}
        return found

    assert harvest() == {record_of(depositor, first), record_of(depositor, second)}
    since = f"metadata_modified:[{last:%Y-%m-%dT%H:%M:%S}Z TO *]"
    assert harvest(since) == {record_of(depositor, second)}
    with sqlite_runtime.work() as work:
        version = work.session.get_one(Version, second)
        withdraw(work, depositor.actor, version, reason="legal")
    run_until_idle(sqlite_runtime)
    assert harvest() == {record_of(depositor, first)}


def test_the_access_rule_holds_and_tokens_count(
    site: str, client: FlaskClient, depositor: Depositor
) -> None:
    hidden = depositor.publish({"a.csv": b"a\n"}, CLOSED)
    shown = depositor.publish({"b.csv": b"b\n"}, {"files": "restricted"})
    record, other = record_of(depositor, hidden), record_of(depositor, shown)
    with depositor.runtime.work() as work:
        token = create_token(work, depositor.user, name="t", scopes=[Scope.READ])[1]
    with RemoteCKAN(site) as visitor:
        assert visitor.action.package_list() == [other]
        package = visitor.action.package_show(id=other)
        assert package["resources"] == []
        with pytest.raises(NotFound):
            visitor.action.package_show(id=record)
    with RemoteCKAN(site, apikey=token) as owner:
        assert set(owner.action.package_list()) == {record, other}
        mine = owner.action.package_show(id=record)
        assert mine["private"] is True
        file = mine["resources"][0]["id"]
        assert owner.action.resource_show(id=file)["name"] == "a.csv"
    with RemoteCKAN(site) as visitor, pytest.raises(NotFound):
        visitor.action.resource_show(id=file)
    with RemoteCKAN(site, apikey="not-a-token") as wrong, pytest.raises(NotAuthorized):
        wrong.action.package_list()
    path = f"/api/3/action/package_show?id={record}"
    for headers in ({"X-CKAN-API-Key": token}, {"Authorization": f"Bearer {token}"}):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200
        assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("body", [b"[1]", b"{", b"[" * 100_000, b"\xff"])
def test_bad_bodies_are_answered(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/3/action/package_search", data=body, content_type="application/json")
    assert answer.status_code == 400


def test_slugs() -> None:
    assert slug("Viện Khoa học Ví Dụ (Hà Nội)") == "vien-khoa-hoc-vi-du-ha-noi"
    assert slug("東京") == "publisher"

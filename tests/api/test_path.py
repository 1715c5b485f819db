"""The whole path through the API: draft, files, publication, reading, versions."""

import hashlib

import pytest

from tests.api.conftest import METADATA, Api


def test_deposit_publish_read_and_download(api: Api, nobody: Api) -> None:
    record = api.draft()
    assert nobody.call("GET", f"/records/{record}").status_code == 404
    api.add_file(record, "số liệu/hà nội.csv", b"a,b\n1,2\n")
    answer = api.publish(record)
    assert answer.json["pids"]["doi"]["identifier"].startswith("10.5072/")
    assert answer.json["parent"]["pids"]["doi"]["identifier"].startswith("10.5072/")
    read = nobody.call("GET", f"/records/{record}").json
    assert read["metadata"]["title"] == "Nhiệt độ Hà Nội"
    assert read["metadata"]["additional_titles"][0]["title"] == "Temperature in Ha Noi"
    assert read["files"]["count"] == 1
    entry = nobody.call("GET", f"/records/{record}/files").json["entries"][0]
    assert entry["key"] == "số liệu/hà nội.csv"
    assert entry["checksum"] == "sha256:" + hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert nobody.download(f"/records/{record}/files/số liệu/hà nội.csv/content") == b"a,b\n1,2\n"


def test_search_finds_it_without_marks(api: Api, nobody: Api) -> None:
    record = api.published()
    found = nobody.call("GET", "/records?q=nhiet do ha noi").json
    assert [hit["id"] for hit in found["hits"]["hits"]] == [record]
    assert found["hits"]["total"] == 1
    assert found["links"]["self"].startswith("http://repository.test/api/records?")


def test_what_is_missing_is_named_with_pointers(api: Api) -> None:
    record = api.draft({"titles": []})
    answer = api.call("POST", f"/records/{record}/draft/actions/publish")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert {"/metadata/resource_type", "/metadata/creators", "/files"} <= pointers
    told = api.call("GET", f"/records/{record}/draft").json["errors"]
    assert {error["pointer"] for error in told} < pointers


def test_a_stale_save_is_refused_and_overwrites_nothing(api: Api) -> None:
    record = api.draft()
    tag = api.call("GET", f"/records/{record}/draft").headers["ETag"]
    first = api.call(
        "PUT", f"/records/{record}/draft", {"metadata": METADATA | {"version": "1"}}, If_Match=tag
    )
    assert first.status_code == 200
    second = api.call(
        "PUT", f"/records/{record}/draft", {"metadata": METADATA | {"version": "2"}}, If_Match=tag
    )
    assert second.status_code == 412
    assert api.call("GET", f"/records/{record}/draft").json["metadata"]["version"] == "1"


def test_a_new_version_carries_files_over_when_asked(api: Api) -> None:
    first = api.published()
    second = api.call("POST", f"/records/{first}/versions").json["id"]
    assert api.call("GET", f"/records/{second}/draft/files").json["entries"] == []
    imported = api.call("POST", f"/records/{second}/draft/actions/files-import")
    assert imported.json["files"]["count"] == 1
    api.call("PUT", f"/records/{second}/draft", {"metadata": METADATA})
    api.publish(second)
    listed = api.call("GET", f"/records/{first}/versions").json["hits"]
    assert [hit["id"] for hit in listed["hits"]] == [second, first]
    latest = api.call("GET", f"/records/{first}/versions/latest")
    assert latest.headers["Location"].endswith(f"/api/records/{second}")


def test_an_edit_of_what_is_published_is_a_revision(api: Api, nobody: Api) -> None:
    record = api.published()
    before = nobody.call("GET", f"/records/{record}").json
    assert api.call("POST", f"/records/{record}/draft").status_code == 201
    api.call("PUT", f"/records/{record}/draft", {"metadata": METADATA | {"title": "Nhiệt độ mới"}})
    assert nobody.call("GET", f"/records/{record}").json == before
    api.publish(record)
    after = nobody.call("GET", f"/records/{record}").json
    assert after["metadata"]["title"] == "Nhiệt độ mới"
    assert after["revision_id"] == before["revision_id"] + 1
    assert after["pids"] == before["pids"]


def test_files_of_what_is_published_never_change(api: Api) -> None:
    record = api.published()
    api.call("POST", f"/records/{record}/draft")
    answer = api.call("POST", f"/records/{record}/draft/files", [{"key": "more.csv"}])
    assert answer.status_code == 409
    assert api.call("DELETE", f"/records/{record}/draft/files/hà nội.csv").status_code == 409


def test_a_published_record_survives_the_discarding_of_its_edit(api: Api) -> None:
    record = api.published()
    api.call("POST", f"/records/{record}/draft")
    assert api.call("DELETE", f"/records/{record}/draft").status_code == 204
    assert api.call("GET", f"/records/{record}").status_code == 200


def test_what_is_mine_lists_drafts_and_records(api: Api, stranger: Api) -> None:
    published, draft = api.published(), api.draft()
    mine = api.call("GET", "/user/records").json["hits"]["hits"]
    assert {hit["id"] for hit in mine} == {published, draft}
    assert stranger.call("GET", "/user/records").json["hits"]["total"] == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "draft"),
        ("PUT", "draft"),
        ("DELETE", "draft"),
        ("GET", "draft/files"),
        ("POST", "draft/actions/publish"),
        ("POST", "draft/pids/doi"),
    ],
)
def test_a_strangers_draft_answers_as_one_that_never_was(
    api: Api, stranger: Api, method: str, path: str
) -> None:
    record = api.draft()
    hidden = stranger.call(method, f"/records/{record}/{path}", {} if method == "PUT" else None)
    absent = stranger.call(method, f"/records/abcde-12345/{path}", {} if method == "PUT" else None)
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json["title"] == absent.json["title"]
    assert hidden.json["detail"].replace(record, "abcde-12345") == absent.json["detail"]


def test_restricted_files_are_neither_listed_nor_sent(api: Api, nobody: Api) -> None:
    record = api.published(access={"record": "public", "files": "restricted"})
    assert nobody.call("GET", f"/records/{record}").json["files"]["entries"] == {}
    assert nobody.call("GET", f"/records/{record}/files").status_code == 403
    assert nobody.call("GET", f"/records/{record}/files/hà nội.csv/content").status_code == 403
    assert api.download(f"/records/{record}/files/hà nội.csv/content")


def test_a_walk_by_cursor_through_everything(api: Api, nobody: Api) -> None:
    records = {api.published() for _ in range(3)}
    seen: list[str] = []
    url = "/records?cursor=*&size=2"
    while url:
        answer = nobody.call("GET", url).json
        assert answer["hits"]["total"] == 3
        seen += [hit["id"] for hit in answer["hits"]["hits"]]
        url = answer["links"].get("next", "").partition("/api")[2]
    assert sorted(seen) == sorted(records)
    for wrong in ("cursor=xyz", "cursor=*&sort=title", "bbox=1,2,3"):
        answer = nobody.call("GET", f"/records?{wrong}")
        assert answer.status_code == 400
        assert answer.json["errors"][0]["pointer"] in ("/cursor", "/sort", "/bbox")


def test_a_client_may_change_what_it_read_by_either_name(api: Api) -> None:
    record = api.draft()
    read = api.call("GET", f"/records/{record}/draft").json["metadata"]
    changed = read | {"title": "Nhiệt độ Huế", "description": "<p>Đo lại.</p>"}
    api.call("PUT", f"/records/{record}/draft", {"metadata": changed, "files": {"enabled": False}})
    answer = api.call("POST", f"/records/{record}/draft/actions/publish")
    assert answer.status_code == 202, answer.text
    told = answer.json["metadata"]
    assert told["title"] == "Nhiệt độ Huế"
    assert told["titles"][0].get("lang") == read["titles"][0].get("lang")
    assert told["additional_titles"] == read["additional_titles"]

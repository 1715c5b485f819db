"""Files in parts over the API, in the shape of InvenioRDM's multipart transfer; and digests."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3
from flask import Flask

from repository.app import create_app
from repository.core.runtime import Runtime
from repository.records import quotas
from repository.records.models import Scope, Version
from repository.records.quotas import Holder
from storage.s3 import S3Store
from tests.api.conftest import Api, make_token
from tests.runtimes import make_settings
from tests.services.s3 import S3
from tests.webapp import make_user

PART = 5 << 20
DATA = b"0123456789abcdef" * (PART // 16) + b"the rest"
DIGEST = hashlib.sha256(DATA)
KEY = "dữ liệu/mưa.csv"


def repr_digest(data: bytes) -> str:
    return f"sha-256=:{b64encode(hashlib.sha256(data).digest()).decode()}:"


def announce(api: Api, record: str, **more: Any) -> Any:
    item = {"key": KEY, "size": len(DATA), "transfer": {"type": "M", "part_size": PART}, **more}
    return api.call("POST", f"/records/{record}/draft/files", [item])


def files(record: str) -> str:
    return f"/records/{record}/draft/files/{KEY}"


def test_a_file_in_parts(api: Api) -> None:
    record = api.draft()
    announced = announce(api, record)
    assert announced.status_code == 201, announced.text
    entry = announced.json["entries"][0]
    assert entry["status"] == "pending"
    assert entry["transfer"] == {"type": "M", "parts": 2, "part_size": PART, "received": []}
    links = {part["part"]: part["url"] for part in entry["links"]["parts"]}
    base = api.runtime.settings.base_url
    assert set(links) == {1, 2}
    second = links[2].removeprefix(f"{base}/api")
    assert api.call("PUT", second, DATA[PART:]).json == {
        "key": KEY,
        "part": 2,
        "status": "received",
    }
    early = api.call("POST", f"{files(record)}/commit", Accept_Language="en")
    assert early.status_code == 409
    assert "1 parts have not arrived: 1." in early.json["detail"]
    entry = api.call("GET", files(record)).json
    assert entry["transfer"]["received"] == [2]
    assert [part["part"] for part in entry["links"]["parts"]] == [1]
    listed = api.call("GET", f"/records/{record}/draft/files").json["entries"]
    assert [one["transfer"]["type"] for one in listed] == ["M"]
    api.call("PUT", links[1].removeprefix(f"{base}/api"), DATA[:PART])
    done = api.call("POST", f"{files(record)}/commit", Repr_Digest=repr_digest(DATA))
    assert done.status_code == 200, done.text
    assert (done.json["status"], done.json["size"]) == ("completed", len(DATA))
    assert done.json["checksum"] == f"sha256:{DIGEST.hexdigest()}"
    again = api.call("POST", f"{files(record)}/commit")
    assert again.json["checksum"] == done.json["checksum"]
    assert api.download(f"{files(record)}/content") == DATA


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"size": None}, "/0/size"),
        ({"size": "5"}, "/0/size"),
        ({"transfer": {"type": "X"}}, "/0/transfer/type"),
        ({"transfer": "M"}, "/0/transfer/type"),
        ({"transfer": {"type": "M", "part_size": -1}}, "/0/transfer/part_size"),
        ({"transfer": {"type": "M", "parts": 7, "part_size": PART}}, "/0/transfer/parts"),
        ({"checksum": "sha256:abc"}, "/0/checksum"),
        ({"key": "../a"}, "/0/key"),
    ],
)
def test_what_is_wrong_is_pointed_at(api: Api, more: dict[str, Any], pointer: str) -> None:
    answer = announce(api, api.draft(), **more)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert list(api.runtime.store.parts.begun()) == []


def test_a_checksum_announced_is_kept_to(api: Api) -> None:
    record = api.draft()
    announce(api, record, checksum=f"sha256:{'0' * 64}")
    api.call("PUT", f"{files(record)}/content/1", DATA[:PART])
    api.call("PUT", f"{files(record)}/content/2", DATA[PART:])
    answer = api.call("POST", f"{files(record)}/commit", Accept_Language="en")
    assert answer.status_code == 400
    assert "checksum" in answer.json["detail"]
    assert api.call("GET", files(record)).json["status"] == "pending"


def test_parts_are_checked(api: Api) -> None:
    record = api.draft()
    announce(api, record)
    part = f"{files(record)}/content/2"
    right = {"Content_Digest": repr_digest(DATA[PART:])}
    md5 = b64encode(hashlib.md5(DATA[PART:]).digest()).decode()
    assert api.call("PUT", part, b"the test", **right).status_code == 400
    assert api.call("PUT", part, b"the test", Content_MD5=md5).status_code == 400
    assert api.call("PUT", part, b"short", **right).status_code == 400
    assert api.call("GET", files(record)).json["transfer"]["received"] == []
    assert api.call("PUT", part, DATA[PART:], Content_MD5=md5, **right).status_code == 200


def test_giving_up(api: Api) -> None:
    record = api.draft()
    announce(api, record)
    assert announce(api, record).status_code == 409
    assert api.call("DELETE", f"{files(record)}/content").status_code == 204
    assert api.call("GET", files(record)).status_code == 404
    assert announce(api, record).status_code == 201


def test_a_stranger_may_not(api: Api, stranger: Api, nobody: Api) -> None:
    record = api.draft()
    announce(api, record)
    for other, status in ((stranger, 404), (nobody, 401)):
        assert announce(other, record).status_code == status
        assert other.call("PUT", f"{files(record)}/content/2", b"x").status_code == status
        assert other.call("POST", f"{files(record)}/commit").status_code == status
        assert other.call("DELETE", f"{files(record)}/content").status_code == status


def test_the_same_request_again_begins_no_second_upload(api: Api) -> None:
    record = api.draft()
    item = {"key": KEY, "size": len(DATA), "transfer": {"type": "M"}}
    path = f"/records/{record}/draft/files"
    first = api.call("POST", path, [item], Idempotency_Key="a")
    again = api.call("POST", path, [item], Idempotency_Key="a")
    assert first.json == again.json
    assert len(list(api.runtime.store.parts.begun())) == 1


@pytest.mark.parametrize("name", ["Repr_Digest", "Content_Digest"])
def test_a_body_that_is_not_what_its_digest_says(api: Api, name: str) -> None:
    record = api.draft()
    path = f"/records/{record}/draft/files"
    api.call("POST", path, [{"key": "a"}])
    wrong = {name: repr_digest(b"other")}
    answer = api.call("PUT", f"{path}/a/content", b"bytes", **wrong)
    assert answer.status_code == 400
    assert list(api.runtime.store.digests()) == []
    malformed = api.call("PUT", f"{path}/a/content", b"bytes", **{name: "sha-256=:eA==:"})
    assert malformed.json["errors"][0]["pointer"] == f"/{name.replace('_', '-')}"
    unknown = api.call("PUT", f"{path}/a/content", b"bytes", **{name: "crc32c=:AAAAAA==:"})
    assert unknown.status_code == 200
    right = api.call("PUT", f"{path}/a/content", b"bytes", **{name: repr_digest(b"bytes")})
    assert right.status_code == 200


def test_a_small_file_comes_in_one_request(api: Api) -> None:
    record = api.draft()
    sent = {"Repr_Digest": repr_digest(b"bytes")}
    made = api.call("PUT", f"{files(record)}/content", b"bytes", **sent)
    assert (made.status_code, made.json["status"], made.json["size"]) == (201, "completed", 5)
    assert made.json["checksum"] == f"sha256:{hashlib.sha256(b'bytes').hexdigest()}"
    for again in (sent, {}):
        answer = api.call("PUT", f"{files(record)}/content", b"bytes", **again)
        assert (answer.status_code, answer.json["updated"]) == (200, made.json["updated"])
    for other in (b"bites", b"longer bytes"):
        for told in ({"Repr_Digest": repr_digest(other)}, {}):
            refused = api.call("PUT", f"{files(record)}/content", other, **told)
            assert refused.status_code == 409
    assert api.call("POST", f"{files(record)}/commit").status_code == 200
    assert api.download(f"{files(record)}/content") == b"bytes"
    assert api.call("PUT", f"/records/{record}/draft/files/empty/content", b"").status_code == 201
    listed = api.call("GET", f"/records/{record}/draft/files").json
    assert [entry["key"] for entry in listed["entries"]] == [KEY, "empty"]
    assert api.call("DELETE", files(record)).status_code == 204
    assert api.call("PUT", f"{files(record)}/content", b"bites").status_code == 201
    api.publish(record)
    assert api.call("PUT", f"{files(record)}/content", b"more").status_code in (404, 409)


def test_what_one_request_may_not(api: Api, stranger: Api, nobody: Api) -> None:
    record = api.draft()
    content = f"{files(record)}/content"
    assert stranger.call("PUT", content, b"bytes").status_code == 404
    assert nobody.call("PUT", content, b"bytes").status_code == 401
    assert api.call("PUT", content, b"bytes", Repr_Digest=repr_digest(b"x")).status_code == 400
    cut = api.client.put(
        f"/api{content}",
        data=b"bytes",
        headers={"Authorization": f"Bearer {api.token}"},
        environ_overrides={"CONTENT_LENGTH": "9"},
    )
    assert cut.status_code == 400
    with api.runtime.work() as work:
        holder = Holder(Scope.RECORD, work.session.get_one(Version, record).record_id)
        quotas.set_limits(work, None, holder, max_bytes=4, max_files=None)
    assert api.call("PUT", content, b"bytes").status_code == 413
    assert list(api.runtime.store.digests()) == []
    assert api.call("PUT", f"/records/{record}/draft/files/..%2Fa/content", b"x").status_code == 400
    other = api.draft()
    announce(api, other)
    assert api.call("PUT", f"{files(other)}/content", b"bytes").status_code == 409


def test_of_several_at_once_one_wins(api: Api) -> None:
    record, app = api.draft(), api.client.application
    bodies = [b"mine", b"mine", b"theirs", b"theirs"]

    def send(body: bytes) -> int:
        mine = Api(app.test_client(use_cookies=False), api.runtime, api.token)
        return int(mine.call("PUT", f"{files(record)}/content", body).status_code)

    with ThreadPoolExecutor(len(bodies)) as pool:
        answers = list(pool.map(send, bodies))
    assert sorted(answers) == [200, 201, 409, 409]
    assert api.download(f"{files(record)}/content") == bodies[answers.index(201)]
    with api.runtime.read() as work:
        version = work.session.get_one(Version, record)
        assert (version.file_count, version.file_bytes) == (1, len(bodies[answers.index(201)]))


@pytest.fixture
def direct(s3: S3, sqlite_url: str, tmp_path: Path) -> Iterator[Api]:
    """A repository over S3 that clients reach themselves; its clock goes, as signatures need."""

    class Clock:
        def now(self) -> datetime:
            return datetime.now(UTC)

    settings = make_settings(tmp_path / "data", sqlite_url)
    local = Runtime.from_settings(settings)
    store = S3Store(
        s3.endpoint,
        s3.create_bucket(),
        s3.access_key,
        s3.secret_key,
        secure=False,
        http_client=s3.http_client(),
        browser_url=f"http://{s3.endpoint}",
    )
    runtime = Runtime(settings, local.database, store, Clock())
    app: Flask = create_app(runtime)
    app.testing = True
    yield Api(app.test_client(use_cookies=False), runtime, make_token(runtime, make_user(runtime)))
    runtime.close()


def test_parts_go_to_the_store_without_passing_here(direct: Api, s3: S3) -> None:
    record = direct.draft()
    entry = announce(direct, record).json["entries"][0]
    for link in entry["links"]["parts"]:
        assert link["url"].startswith(f"http://{s3.endpoint}/")
        at = (link["part"] - 1) * PART
        body = DATA[at : at + PART]
        assert urllib3.request("PUT", link["url"], body=body + b"!").status == 403
        assert urllib3.request("PUT", link["url"], body=body).status == 200
    done = direct.call("POST", f"{files(record)}/commit")
    assert done.json["checksum"] == f"sha256:{DIGEST.hexdigest()}"
    back = direct.call("GET", f"{files(record)}/content")
    assert back.status_code == 302
    assert back.location.startswith(f"http://{s3.endpoint}/")
    assert urllib3.request("GET", back.location).data == DATA


def test_a_drafts_files_are_listed_page_by_page(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repository.api.draft_files.MAX_LISTED", 2)
    record = api.draft()
    api.call("POST", f"/records/{record}/draft/files", [{"key": key} for key in ("a", "b/ờ", "c")])
    first = api.call("GET", f"/records/{record}/draft/files").json
    assert [entry["key"] for entry in first["entries"]] == ["a", "b/ờ"]
    assert first["quota"]["of"] == "record"
    following = first["links"]["next"].removeprefix(f"{api.runtime.settings.base_url}/api")
    second = api.call("GET", following).json
    assert [entry["key"] for entry in second["entries"]] == ["c"]
    assert "next" not in second["links"]

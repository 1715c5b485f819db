"""Bytes that do not pass the application: sent by nginx from a folder, or by the store itself."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import urllib3
import yaml

from repository.accounts.models import Actor, Role
from repository.app import create_app
from repository.core.clock import SystemClock
from repository.core.runtime import Runtime
from repository.deposit.drafts import edit_published, save_draft
from repository.deposit.publish import publish
from repository.records.access import AccessSettings
from repository.records.models import Version
from storage.base import object_key
from storage.s3 import S3Store
from tests.architecture.tracked import ROOT
from tests.discovery.library import Depositor
from tests.services.nginx import Serve
from tests.services.s3 import S3
from tests.waiting import eventually
from tests.webapp import serving

PAGE = (ROOT / "docs" / "how-to" / "behind-nginx.md").read_text()
FOLDER, STORE = re.findall(r"```nginx\n(.*?)```", PAGE, re.DOTALL)
CONTENT = bytes(range(256)) * 40
DIGEST = hashlib.sha256(CONTENT).hexdigest()
SIZE = len(CONTENT)
NAME = "dữ liệu/số 1.bin"
NAMED = "attachment; filename=\"so 1.bin\"; filename*=UTF-8''s%E1%BB%91%201.bin"
Answer = urllib3.BaseHTTPResponse


def ask(url: str, method: str = "GET", **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return urllib3.request(method, url, headers=sent, redirect=False, retries=False)


def published(runtime: Runtime, tmp_path: Path) -> str:
    """The path of a published file's address."""
    version = Depositor(runtime, tmp_path / "sources").publish({NAME: CONTENT})
    return f"/records/{version}/files/{quote(NAME)}"


def restrict(runtime: Runtime, address: str) -> None:
    """As the owner does it: an edit of what is published."""
    version = address.partition("/records/")[2].partition("/")[0]
    with runtime.work() as work:
        owner = Actor(work.session.get_one(Version, version).record.owner_id, Role.RESEARCHER)
        draft = edit_published(work, owner, version)
        access = AccessSettings.model_validate({"files": "restricted"})
        save_draft(work, owner, version, metadata=draft.metadata_json, access=access)
        publish(work, owner, version)


def assert_nothing_is_told(address: str, etag: str, changed: str) -> None:
    """However it is asked: not the bytes, not how many, not whether a copy is the same."""
    asked: tuple[dict[str, str], ...] = (
        {},
        {"Range": "bytes=0-9"},
        {"If_None_Match": etag},
        {"If_Modified_Since": changed},
        {"Range": "bytes=10-", "If_Range": etag},
        {"If_Match": '"other"'},
    )
    for headers in asked:
        for method in ("GET", "HEAD"):
            answer = ask(address, method, **headers)
            assert answer.status == 403, (method, headers)
            assert CONTENT[:10] not in answer.data
            told = str(answer.headers)
            assert DIGEST not in told
            assert "Digest" not in told
            assert "Content-Range" not in answer.headers
            assert "Last-Modified" not in answer.headers
            assert "no-store" in answer.headers["Cache-Control"]


@pytest.fixture
def by_nginx(nginx: Serve, sqlite_runtime: Runtime, tmp_path: Path) -> Iterator[str]:
    """A file's address at a real nginx in front of the repository."""
    settings = sqlite_runtime.settings.model_copy(
        update={"accel_prefix": "/stored", "proxy_hops": 1}
    )
    path = published(sqlite_runtime, tmp_path)
    folder = f"{settings.data_dir.resolve()}/files/"
    with serving(create_app(replace(sqlite_runtime, settings=settings))) as site:
        front = nginx(FOLDER, {"http://127.0.0.1:5000": site, "/srv/repository/files/": folder})
        yield front + path


def test_nginx_sends_what_the_repository_would(by_nginx: str) -> None:
    answer = ask(by_nginx)
    assert (answer.status, answer.data) == (200, CONTENT)
    assert answer.headers["ETag"] == f'"{DIGEST}"'
    assert answer.headers["Repr-Digest"].startswith("sha-256=:")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Disposition"] == NAMED
    assert answer.headers["Cache-Control"].startswith("public")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    head = ask(by_nginx, "HEAD")
    assert (head.status, head.data, head.headers["Content-Length"]) == (200, b"", str(SIZE))
    assert head.headers["ETag"] == answer.headers["ETag"]
    assert head.headers["Last-Modified"] == answer.headers["Last-Modified"]


def test_ranges_and_conditions_at_nginx(by_nginx: str) -> None:
    etag = f'"{DIGEST}"'
    part = ask(by_nginx, Range="bytes=10-19")
    assert (part.status, part.data) == (206, CONTENT[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{SIZE}"
    assert ask(by_nginx, Range=f"bytes={SIZE}-").status == 416
    several = ask(by_nginx, Range="bytes=0-9,100-199,-10")
    head = f"Content-Type: {several.headers['Content-Type']}\r\n\r\n".encode()
    parts: Any = message_from_bytes(head + several.data).get_payload()
    found = [each.get_payload(decode=True) for each in parts]
    assert found == [CONTENT[:10], CONTENT[100:200], CONTENT[-10:]]
    same = ask(by_nginx, Range="bytes=10-", If_Range=etag)
    assert (same.status, same.data) == (206, CONTENT[10:])
    assert ask(by_nginx, Range="bytes=10-", If_Range='"other"').status == 200
    assert ask(by_nginx, If_None_Match=etag).status == 304
    assert ask(by_nginx, If_None_Match='"other"').status == 200
    assert ask(by_nginx, If_Match='"other"').status == 412


def test_from_nginx_a_restricted_file_is_gone_at_once(
    by_nginx: str, sqlite_runtime: Runtime
) -> None:
    before = ask(by_nginx)
    restrict(sqlite_runtime, by_nginx)
    assert_nothing_is_told(by_nginx, before.headers["ETag"], before.headers["Last-Modified"])


def test_nobody_gets_past_the_repository(by_nginx: str) -> None:
    front = urlsplit(by_nginx)
    inside = f"{front.scheme}://{front.netloc}/stored/{object_key(DIGEST)}"
    assert ask(inside).status == 404


@pytest.fixture
def at_the_store(
    nginx: Serve,
    s3: S3,
    sqlite_runtime: Runtime,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """A file's address at a repository whose store is reached through nginx; its parameter is for
    how many seconds addresses there are good.
    """
    signed = getattr(request, "param", 900)
    public = nginx(STORE, {"http://127.0.0.1:9000": f"http://{s3.endpoint}"})
    store = S3Store(
        s3.endpoint,
        s3.create_bucket(),
        s3.access_key,
        s3.secret_key,
        secure=False,
        http_client=s3.http_client(),
        browser_url=public,
    )
    settings = sqlite_runtime.settings.model_copy(update={"signed_seconds": signed})
    runtime = replace(sqlite_runtime, settings=settings, store=store, clock=SystemClock())
    path = published(runtime, tmp_path)
    with serving(create_app(runtime)) as site:
        yield site + path


def test_a_download_is_redirected_to_the_store(at_the_store: str) -> None:
    answer = ask(at_the_store)
    assert (answer.status, answer.data) == (302, b"")
    there = answer.headers["Location"]
    asked = parse_qs(urlsplit(there).query)
    assert asked["response-content-disposition"] == [NAMED]
    assert asked["response-content-type"] == ["application/octet-stream"]
    assert asked["X-Amz-Expires"] == ["900"]
    got = ask(there)
    assert (got.status, got.data) == (200, CONTENT)
    assert "sandbox" in got.headers["Content-Security-Policy"]
    head = ask(at_the_store, "HEAD")
    assert (head.status, head.headers["ETag"]) == (200, f'"{DIGEST}"')
    assert ask(at_the_store, If_None_Match=f'"{DIGEST}"').status == 304
    several = ask(at_the_store, Range="bytes=0-9,100-199")
    assert several.status == 206
    assert CONTENT[100:200] in several.data


@pytest.mark.parametrize("at_the_store", [2], indirect=True)
def test_an_address_at_the_store_ends_soon_after_a_restriction(
    at_the_store: str, sqlite_runtime: Runtime
) -> None:
    before = ask(at_the_store)
    old = before.headers["Location"]
    assert before.headers["Cache-Control"] == "private, no-cache", "it would outlive the address"
    changed = ask(at_the_store, "HEAD").headers["Last-Modified"]
    restrict(sqlite_runtime, at_the_store)
    assert_nothing_is_told(at_the_store, f'"{DIGEST}"', changed)
    ended = (400, 403)  # as rclone says it, and as S3 does
    eventually(lambda: ask(old).status in ended)
    for headers in ({"Range": "bytes=0-9"}, {"If_None_Match": f'"{DIGEST}"'}):
        answer = ask(old, **headers)
        assert answer.status in ended
        assert CONTENT[:10] not in answer.data
    assert ask(old, "HEAD").status >= 400


def test_the_store_is_shown_to_no_one_without_a_signature(at_the_store: str) -> None:
    there = ask(at_the_store).headers["Location"]
    bare = there.partition("?")[0]
    assert ask(bare).status == 403
    assert ask(bare.rpartition("/sha256")[0] + "/?list-type=2").status == 403
    forged = re.sub(r"X-Amz-Signature=.", "X-Amz-Signature=0", there)
    other = re.sub(r"X-Amz-Signature=.", "X-Amz-Signature=1", there)
    assert 403 in (ask(forged).status, ask(other).status)
    assert ask(there, "DELETE").status == 405


def test_a_signed_address_cannot_be_used_to_copy(nginx: Serve) -> None:
    """What reaches the store has no header that asks it to read another object."""
    seen: list[dict[str, str]] = []

    def upstream(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        seen.append({name: value for name, value in environ.items() if name.startswith("HTTP_")})
        start("200 OK", [])
        return []

    with serving(upstream) as store:
        front = nginx(STORE, {"http://127.0.0.1:9000": store})
        seen.clear()
        sent = urllib3.request(
            "PUT",
            f"{front}/bucket/parts/x?partNumber=1&X-Amz-Signature=0123456789abcdef",
            body=b"a part",
            headers={
                "X-Amz-Copy-Source": "/bucket/sha256/secret",
                "X-Amz-Copy-Source-Range": "bytes=0-5",
                "Cookie": "repository_session=x",
                "Content-MD5": "abc",
            },
        )
    assert sent.status == 200
    assert seen[0]["HTTP_CONTENT_MD5"] == "abc"
    assert not [name for name in seen[0] if "COPY" in name or "COOKIE" in name]


def test_the_example_for_compose_has_the_same_rules() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    shown = compose["configs"]["nginx"]["content"].replace("$$", "$")
    rules = [line.partition("#")[0].strip() for line in STORE.splitlines()]
    known = {line.partition("#")[0].strip() for line in shown.splitlines()}
    missing = [rule for rule in rules if rule not in known and "127.0.0.1" not in rule]
    assert missing == []

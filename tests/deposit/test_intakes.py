"""Files that the server brings into a draft itself: out of archives, from addresses."""

import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from repository.accounts.models import Actor
from repository.app import create_app
from repository.core import failpoints
from repository.core.clock import FixedClock
from repository.core.errors import ValidationFailed
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit import intakes, listing, unpacking
from repository.deposit.intakes import Wanted
from repository.deposit.models import Intake
from repository.records import quotas
from repository.records.models import Scope
from repository.records.quotas import Holder
from tests.deposit.conftest import Depositor
from tests.webapp import TOKEN, make_user, sign_in

DATA = bytes(range(256)) * 4096  # 1 MiB


def packed(files: dict[str, bytes], kind: str = "zip") -> bytes:
    made = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    else:
        with tarfile.open(fileobj=made, mode=f"w:{kind}") as packing:  # type: ignore[call-overload]
            for name, data in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                packing.addfile(info, io.BytesIO(data))
    return made.getvalue()


@pytest.fixture
def lan(runtime: Runtime) -> Depositor:
    return Depositor(runtime, "lan@example.org")


def paths(who: Depositor, version_id: str) -> list[str]:
    with who.runtime.read() as work:
        return [file.path for file in listing.draft_files(work, version_id, limit=100)]


def run_past_waiting(who: Depositor) -> None:
    """What waits for a file to arrive looks again."""
    assert isinstance(who.runtime.clock, FixedClock)
    who.runtime.clock.advance(timedelta(minutes=1))
    run_until_idle(who.runtime)


def unpack(who: Depositor, version_id: str, wanted: Wanted) -> Intake | None:
    with who.runtime.work() as work:
        made = intakes.unpack(work, who.actor, version_id, wanted).id
    run_until_idle(who.runtime)
    with who.runtime.read() as work:
        return work.session.get(Intake, made)


def test_an_archive_is_unpacked_and_that_is_undone(lan: Depositor) -> None:
    draft = lan.draft()
    lan.upload(draft, "b.csv", b"mine")
    inside = {"a.csv": b"1", "thư mục/b.csv": b"2", "b.csv": b"theirs"}
    lan.upload(draft, "all.tar.gz", packed(inside, "gz"))
    done = unpack(lan, draft, Wanted("all.tar.gz", keep=False))
    assert done is not None
    assert (done.state, done.result["skipped"]) == ("done", ["b.csv"])
    assert paths(lan, draft) == ["a.csv", "b.csv", "thư mục/b.csv"]
    with lan.runtime.work() as work:
        intakes.undo(work, lan.actor, draft, done.id)
    run_until_idle(lan.runtime)
    assert paths(lan, draft) == ["all.tar.gz", "b.csv"]

    replaced = unpack(lan, draft, Wanted("all.tar.gz", replace=True))
    assert replaced is not None
    with lan.runtime.read() as work:
        was = {each.path: each.was for each in intakes.entries(work, replaced.id)}
    assert [path for path, sha256 in was.items() if sha256] == ["b.csv"]
    with lan.runtime.work() as work:
        intakes.undo(work, lan.actor, draft, replaced.id)
    run_until_idle(lan.runtime)
    with lan.runtime.read() as work:
        [_archive, mine] = listing.draft_files(work, draft, limit=9)
        holder = Holder(Scope.USER, str(lan.user.id))
        found = quotas.standing(work, holder)
        assert (found.used_bytes, found.used_files) == quotas.counted(work, holder)
    assert mine.size == len(b"mine")


def test_a_job_that_broke_off_goes_on(lan: Depositor, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = lan.draft()
    lan.upload(draft, "all.zip", packed({f"{n:03}.txt": str(n).encode() for n in range(150)}))

    def stop() -> None:
        monkeypatch.delitem(failpoints.acts, "unpack.batch")
        raise RuntimeError("the plug is pulled")

    monkeypatch.setattr(unpacking, "BATCH", 100)
    monkeypatch.setitem(failpoints.acts, "unpack.batch", stop)
    with lan.runtime.work() as work:
        made = intakes.unpack(work, lan.actor, draft, Wanted("all.zip", "số liệu")).id
    run_until_idle(lan.runtime)
    with lan.runtime.read() as work:
        assert listing.count_files(work, draft)[0] == 101
        half = work.session.get_one(Intake, made)
    assert (half.state, half.result["made"], half.result["total"]) == ("waiting", 100, 150)
    assert isinstance(lan.runtime.clock, FixedClock)
    lan.runtime.clock.advance(timedelta(minutes=1))
    run_until_idle(lan.runtime)
    with lan.runtime.read() as work:
        assert listing.count_files(work, draft)[0] == 151
        done = work.session.get_one(Intake, made)
        [first] = intakes.entries(work, made, limit=1)
    assert (done.state, done.result["made"], done.result["skipped"]) == ("done", 150, [])
    assert first.path == "số liệu/000.txt"
    with lan.runtime.work() as work:
        intakes.undo(work, lan.actor, draft, made)
    run_until_idle(lan.runtime)
    assert paths(lan, draft) == ["all.zip"]
    with lan.runtime.read() as work:
        assert intakes.entries(work, made) == []


def test_as_many_files_as_a_version_holds_come_out_of_one_archive(
    sqlite_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where there is room for them or for the archive, not for both; and in many slices."""
    monkeypatch.setattr(unpacking, "BATCH", 2)
    monkeypatch.setattr(unpacking, "SLICE_SECONDS", 0)
    settings = sqlite_runtime.settings.model_copy(update={"max_files_per_version": 4})
    lan = Depositor(replace(sqlite_runtime, settings=settings), "lan@example.org")
    draft = lan.draft()
    lan.upload(draft, "all.zip", packed({f"{n}.txt": str(n).encode() for n in range(4)}))
    refused = unpack(lan, draft, Wanted("all.zip"))
    assert refused is not None
    assert (refused.state, refused.params) == ("failed", {"limit": "4"})
    assert paths(lan, draft) == ["all.zip"]
    done = unpack(lan, draft, Wanted("all.zip", keep=False))
    assert done is not None
    assert (done.state, done.problem) == ("done", "")
    assert paths(lan, draft) == [f"{n}.txt" for n in range(4)]
    with lan.runtime.work() as work:
        intakes.undo(work, lan.actor, draft, done.id)
    run_until_idle(lan.runtime)
    assert paths(lan, draft) == ["all.zip"]


def hostile() -> Iterator[tuple[str, bytes]]:
    yield "out.zip", packed({"../out.txt": b"1"})
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as packing:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packing.addfile(link)
    yield "link.tar", made.getvalue()
    yield "bomb.zip", packed({"a": bytes(80 << 20)})
    yield "bomb.tbz2", packed({"a": bytes(60 << 20)}, "bz2")
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 1 << 40
    yield "header.tar", header.tobuf() + bytes(10240)
    yield "short.zip", packed({"a.bin": DATA})[:-200]
    yield "none.tgz", b"no archive at all"


@pytest.mark.parametrize(("name", "data"), list(hostile()))
def test_what_is_hostile_or_broken_is_refused_whole(
    sqlite_runtime: Runtime, name: str, data: bytes
) -> None:
    lan = Depositor(sqlite_runtime, "lan@example.org")
    draft = lan.draft()
    lan.upload(draft, name, data)
    failed = unpack(lan, draft, Wanted(name, keep=False))
    assert failed is not None
    assert failed.state == "failed"
    assert failed.problem
    assert paths(lan, draft) == [name]


def test_an_archive_is_unpacked_as_it_is_uploaded(sqlite_runtime: Runtime) -> None:
    """By the API in parts, asked for before the bytes come; by the form in one request."""
    lan = Depositor(sqlite_runtime, "an@example.org")
    user = make_user(sqlite_runtime)
    lan.actor = Actor.of(user)
    draft = lan.draft()
    client = create_app(sqlite_runtime).test_client()
    sign_in(client, user)
    page, files_url = f"/deposit/{draft}", f"/api/records/{draft}/draft/files"
    token = {"X-CSRFToken": str(TOKEN.search(client.get(page).text)[1])}  # type: ignore[index]
    data = packed({"a.csv": b"1", "sâu/b.csv": b"2"}, "bz2")
    sent = [{"key": "thô/all.tar.bz2", "size": len(data), "transfer": {"type": "M"}}]
    assert client.post(files_url, json=sent, headers=token).status_code == 201
    wish = {"archive": "thô/all.tar.bz2", "folder": "thô", "keep": False}
    intakes_url = f"/api/records/{draft}/draft/intakes"
    assert client.post(intakes_url, json=wish, headers=token).json["status"] == "waiting"  # type: ignore[index]
    run_until_idle(sqlite_runtime)
    assert client.get(intakes_url).json["entries"][0]["status"] == "waiting"  # type: ignore[index]
    entry = f"{files_url}/thô/all.tar.bz2"
    assert client.put(f"{entry}/content/1", data=data, headers=token).status_code == 200
    assert client.post(f"{entry}/commit", headers=token).status_code == 200
    run_past_waiting(lan)
    assert paths(lan, draft) == ["thô/a.csv", "thô/sâu/b.csv"]

    data = packed({"c.csv": b"3"}, "xz")
    for path in ("x/in.txz", "x/no-archive.csv"):
        answer = client.put(f"{page}/files/{path}?unpack=1", data=data, headers=token)
        assert answer.status_code == 200
    plain = {"files": (io.BytesIO(packed({"d.csv": b"4"})), "d.zip"), "unpack": "1"}
    client.post(f"{page}/files", data=plain | {"csrf_token": token["X-CSRFToken"]})
    run_until_idle(sqlite_runtime)
    made = ["d.csv", "thô/a.csv", "thô/sâu/b.csv", "x/c.csv", "x/no-archive.csv"]
    assert paths(lan, draft) == made
    with sqlite_runtime.read() as work:
        newest = next(each for each in intakes.listed(work, draft) if each.source == "d.zip")
    client.post(f"{page}/files/intakes/{newest.id}/undo", headers=token)
    run_until_idle(sqlite_runtime)
    assert paths(lan, draft) == ["d.zip", *made[1:]], "the archive is back"


class Answering(BaseHTTPRequestHandler):
    """Breaks off once in the middle, then goes on where it is asked to."""

    broken = False

    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/data")
            self.end_headers()
            return
        if self.path == "/inward":  # to this very server, by an address that nobody allowed
            self.send_response(302)
            port = self.request.getsockname()[1]
            self.send_header("Location", f"https://127.0.0.2:{port}/data")
            self.end_headers()
            return
        if self.path == "/gone":
            self.send_error(404)
            return
        begin = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.send_response(206 if begin else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(DATA) - begin))
        self.send_header("Content-Range", f"bytes {begin}-{len(DATA) - 1}/{len(DATA)}")
        self.send_header("Content-Disposition", "attachment; filename*=UTF-8''m%C6%B0a.bin")
        self.end_headers()
        if not begin and not Answering.broken:
            Answering.broken = True
            self.wfile.write(DATA[: len(DATA) // 3])
            self.connection.close()
            return
        self.wfile.write(DATA[begin:])

    def log_message(self, *args: object) -> None:
        return


@contextmanager
def outside() -> Iterator[str]:
    server = HTTPServer(("0.0.0.0", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def allowing(runtime: Runtime, **more: object) -> Runtime:
    values = {"url_files": True, "url_files_inside": ("127.0.0.1",)} | more
    return replace(runtime, settings=runtime.settings.model_copy(update=values))


def add(who: Depositor, version_id: str, url: str, path: str = "") -> Intake:
    with who.runtime.work() as work:
        made = intakes.add_address(work, who.actor, version_id, Wanted(url, path)).id
    run_until_idle(who.runtime)
    with who.runtime.read() as work:
        return work.session.get_one(Intake, made)


def test_a_file_is_fetched_from_an_address(sqlite_runtime: Runtime, clock: FixedClock) -> None:
    lan = Depositor(allowing(sqlite_runtime), "lan@example.org")
    draft = lan.draft()
    Answering.broken = False
    with outside() as site:
        done = add(lan, draft, f"{site}/away")
        assert Answering.broken, "it broke off, and was gone on with"
        assert (done.problem, done.state) == ("", "done")
        assert (done.path, done.done_bytes) == ("mưa.bin", len(DATA))
        assert paths(lan, draft) == ["mưa.bin"]
        there = add(lan, draft, f"{site}/data")
        assert (there.state, "already" in there.problem) == ("failed", True)
        gone = add(lan, draft, f"{site}/gone")
        assert (gone.state, gone.params["status"]) == ("failed", "404")
        inward = add(lan, draft, f"{site}/inward", "inside.bin")
        assert (inward.state, inward.params) == ("failed", {"host": "127.0.0.2"}), inward.problem
    silent = add(lan, draft, f"{site}/data", "later.bin")
    assert (silent.state, silent.attempts) == ("waiting", 1)
    for _try in range(5):
        clock.advance(timedelta(hours=20))
        run_until_idle(lan.runtime)
    with lan.runtime.read() as work:
        assert work.session.get_one(Intake, silent.id).state == "failed"


def test_what_may_not_be_fetched(sqlite_runtime: Runtime, tmp_path: Path) -> None:
    lan = Depositor(sqlite_runtime, "lan@example.org")
    draft = lan.draft()
    with pytest.raises(ValidationFailed):  # not switched on
        add(lan, draft, "https://example.org/a")
    lan.runtime = allowing(sqlite_runtime, url_files_inside=())
    for url in ("http://example.org/a", "https://lan:x@example.org/", "file:///etc/passwd", "x"):
        with pytest.raises(ValidationFailed):
            add(lan, draft, url)
    for url in ("https://127.0.0.1/a", "https://169.254.169.254/latest", "https://[::1]/"):
        refused = add(lan, draft, url)
        assert (refused.state, "public internet" in refused.problem) == ("failed", True)
    lan.runtime = allowing(sqlite_runtime, max_file_size=1000)
    Answering.broken = True
    with outside() as site:
        assert add(lan, draft, f"{site}/data").state == "failed", "larger than a file may be"
    assert paths(lan, draft) == []


def test_the_form_asks_tells_and_undoes(sqlite_runtime: Runtime) -> None:
    runtime = allowing(sqlite_runtime, url_files_inside=())
    lan = Depositor(runtime, "an@example.org")
    user = make_user(runtime)
    lan.actor = Actor.of(user)
    draft = lan.draft()
    lan.upload(draft, "all.zip", packed({"a.csv": b"1", "b.csv": b"2"}))
    client = create_app(runtime).test_client()
    sign_in(client, user)
    page, act = f"/deposit/{draft}", f"/deposit/{draft}/files"
    token = {"csrf_token": str(TOKEN.search(client.get(page).text)[1])}  # type: ignore[index]
    client.post(f"{act}/add-address", data=token | {"url": "ftp://example.org"})
    assert "https://" in client.get(page).text
    client.post(f"{act}/add-address", data=token | {"url": "https://127.0.0.1/a"})
    client.post(f"{act}/unpack", data=token | {"path": "all.zip"})
    run_until_idle(runtime)
    told = client.get(page).text
    assert "Đã giải nén 2 tệp." in told
    assert "127.0.0.1" in told
    with runtime.read() as work:
        made, refused = sorted(
            intakes.listed(work, draft), key=lambda each: each.kind, reverse=True
        )
    client.post(f"{act}/intakes/{made.id}/undo", data=token)
    client.post(f"{act}/intakes/{refused.id}/dismiss", data=token)
    run_until_idle(runtime)
    assert paths(lan, draft) == ["all.zip"]
    with runtime.read() as work:
        assert intakes.listed(work, draft) == []

"""Drafts that begin with a file: from the page, through the API, from archives good and bad."""

import hashlib
import io
import stat
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from repository.accounts.models import Scope, User
from repository.accounts.tokens import create_token
from repository.core.errors import ValidationFailed
from repository.core.runtime import Runtime
from repository.deposit.importing.archive import MAX_MEMBERS, look_into
from repository.discovery.packages import PACKAGES
from repository.records.models import Draft, File
from tests.discovery.library import Depositor
from tests.webapp import TOKEN, make_user, sign_in

BIB = b"@dataset{k, title={Rain}, author={Lee, Ann}, year={2020}, doi={10.5072/old}, note={x}}"
CRATE = (
    b'{"@graph": [{"@id": "ro-crate-metadata.json", "about": {"@id": "./"}},'
    b'{"@id": "./", "@type": "Dataset", "name": "Crate"}]}'
)


@pytest.fixture
def lan(sqlite_runtime: Runtime, client: FlaskClient) -> User:
    user = make_user(sqlite_runtime)
    sign_in(client, user)
    return user


def send(client: FlaskClient, name: str, data: bytes, **more: str) -> Any:
    found = TOKEN.search(client.get("/deposit/new").text)
    assert found
    form = {"csrf_token": found[1], "file": (io.BytesIO(data), name), **more}
    return client.post("/deposit/from-file", data=form, content_type="multipart/form-data")


def archive(members: Mapping[str, bytes], *, mode: int = 0o644) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFREG | mode) << 16
            opened.writestr(info, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def draft_of(runtime: Runtime, answer: Any) -> Draft:
    assert answer.status_code == 302, answer.text
    with runtime.read() as work:
        return work.session.get_one(Draft, answer.location.split("?")[0].rpartition("/")[2])


def files_of(runtime: Runtime, draft: Draft) -> dict[str, str | None]:
    with runtime.read() as work:
        rows = work.session.query(File).filter(File.version_id == draft.version_id)
        return {row.path: row.sha256 for row in rows}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_reference_fills_the_form_and_says_what_is_left(
    sqlite_runtime: Runtime, client: FlaskClient, lan: User
) -> None:
    answer = send(client, "rain.bib", BIB)
    draft = draft_of(sqlite_runtime, answer)
    assert draft.metadata_json["titles"] == [{"title": "Rain"}]
    assert draft.metadata_json["publication_date"] == "2020"
    assert draft.external_doi is None
    page = client.get(answer.location).text
    for words in ("BibTeX", "10.5072/old", "note"):
        assert words in page
    kept = draft_of(sqlite_runtime, send(client, "rain.bib", BIB, keep_doi="yes"))
    assert kept.external_doi == "10.5072/old"


def test_what_cannot_be_read_is_said_on_the_page(client: FlaskClient, lan: User) -> None:
    for name, data in (("x.pdf", b"%PDF"), ("", b""), ("a.zip", b"PK\x03\x04 torn")):
        answer = send(client, name, data)
        assert answer.status_code == 400, name
        assert 'id="file-error"' in answer.text


def test_a_crate_brings_its_files(sqlite_runtime: Runtime, client: FlaskClient, lan: User) -> None:
    data = archive({"top/ro-crate-metadata.json": CRATE, "top/số liệu/a.csv": b"a\n1\n"})
    draft = draft_of(sqlite_runtime, send(client, "crate.zip", data))
    assert draft.metadata_json["titles"] == [{"title": "Crate"}]
    assert files_of(sqlite_runtime, draft) == {"số liệu/a.csv": sha256(b"a\n1\n")}


def test_our_own_packages_come_back(
    sqlite_runtime: Runtime, client: FlaskClient, tmp_path: Any
) -> None:
    depositor = Depositor(sqlite_runtime, tmp_path)
    files = {"dữ liệu/100%.csv": b"a\n1\n", "b.bin": bytes(2000)}
    record = depositor.publish(files)
    sign_in(client, depositor.user)
    for name in PACKAGES.keys() - {"ocfl"}:
        data = client.get(f"/records/{record}/packages/{name}.zip", buffered=True).data
        draft = draft_of(sqlite_runtime, send(client, f"{name}.zip", data))
        told = draft.metadata_json["titles"]
        assert told[0]["title"] == "Lượng mưa ở Đồng Ví Dụ"
        assert files_of(sqlite_runtime, draft) == {p: sha256(c) for p, c in files.items()}


def bag(**changes: bytes) -> dict[str, bytes]:
    digest = hashlib.md5(b"x").hexdigest()
    return {
        "bagit.txt": b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n",
        "data/a.txt": b"x",
        "manifest-md5.txt": f"{digest} *data/a.txt\n".encode(),
        **changes,
    }


BAD: dict[str, dict[str, bytes]] = {
    "leads out": {"../../evil": b"x"},
    "absolute": {"/etc/passwd": b"x"},
    "a bomb": {"zeros": bytes(80 << 20)},
    "twice": {"e\u0301": b"a", "\u00e9": b"b"},
    "changed": bag(**{"data/a.txt": b"y"}),
    "more": bag(**{"data/b.txt": b"y"}),
    "less": bag(**{"manifest-md5.txt": b"00 data/a.txt\n00 data/c.txt\n"}),
    "elsewhere": bag(**{"fetch.txt": b"http://example.org 1 data/c.txt\n"}),
    "broken inside": {"ro-crate-metadata.json": b"{"},
}


@pytest.mark.parametrize("name", BAD)
def test_bad_archives_leave_nothing(
    sqlite_runtime: Runtime, client: FlaskClient, lan: User, name: str
) -> None:
    answer = send(client, "a.zip", archive(BAD[name]))
    assert answer.status_code == 400
    assert 'id="file-error"' in answer.text
    with sqlite_runtime.read() as work:
        assert work.session.query(Draft).count() == 0


def test_too_many_files_are_refused() -> None:
    many = io.BytesIO(archive({f"{n}": b"" for n in range(MAX_MEMBERS + 1)}))
    with zipfile.ZipFile(many) as opened, pytest.raises(ValidationFailed):
        look_into(opened)


def test_links_in_an_archive_are_refused(client: FlaskClient, lan: User) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(info, "/etc/passwd")
    assert send(client, "a.zip", made.getvalue()).status_code == 400


def test_a_sound_bag_is_taken(sqlite_runtime: Runtime, client: FlaskClient, lan: User) -> None:
    draft = draft_of(sqlite_runtime, send(client, "a.zip", archive(bag())))
    assert files_of(sqlite_runtime, draft) == {"a.txt": sha256(b"x")}


def test_the_api_takes_the_same(sqlite_runtime: Runtime, client: FlaskClient) -> None:
    user = make_user(sqlite_runtime)
    with sqlite_runtime.work() as work:
        token = create_token(work, user, name="import", scopes=[*Scope])[1]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-bibtex"}
    answer: Any = client.post("/api/import?keep_doi=1", data=BIB, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json["import"] == {
        "format": "BibTeX",
        "doi": "10.5072/old",
        "left": ["note"],
    }
    assert answer.json["metadata"]["title"] == "Rain"
    wrong: Any = client.post("/api/import", data=b"nothing", headers=headers)
    assert wrong.status_code == 400
    assert wrong.json["errors"][0]["pointer"] == "/file"
    assert client.post("/api/import", data=BIB).status_code == 401

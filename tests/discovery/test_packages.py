"""A whole version as RO-Crate, BagIt and OCFL, checked by those who know the shapes."""

import gc
import io
import json
import subprocess
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import bagit
import pytest
from flask.testing import FlaskClient
from rocrate.rocrate import ROCrate
from sqlalchemy import select, update

from repository.access.documents import document_for
from repository.accounts.models import ANONYMOUS
from repository.core.runtime import Runtime
from repository.core.zipping import Sums
from repository.discovery.packages import PACKAGES
from repository.records.models import File, Version
from storage.backup.ocfl import object_path
from storage.backup.ocfl_check import problems
from storage.backup.targets import FolderTarget
from tests.discovery.library import Depositor
from tests.outside import program
from tests.webapp import sign_in

VALIDATOR = program("ocfl-validate.py")
FILES = {
    "dữ liệu/số 1.csv": b"a,b\n1,2\n",
    "the same again.csv": b"a,b\n1,2\n",
    "100% & more.txt": b"xin chao",
    "empty": b"",
    "ro-crate-metadata.json": b"{}",
}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


@pytest.fixture
def record(depositor: Depositor) -> str:
    return depositor.publish(FILES)


def unpacked(client: FlaskClient, record: str, name: str, folder: Path) -> Path:
    answer = client.get(f"/records/{record}/packages/{name}.zip", buffered=True)
    assert answer.status_code == 200, answer.text
    assert answer.content_length == len(answer.data)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{record}-{name}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        assert opened.testzip() is None
        assert len(set(opened.namelist())) == len(opened.namelist())
        opened.extractall(folder)
    return folder


def test_a_crate_that_ro_crate_py_opens(client: FlaskClient, record: str, tmp_path: Path) -> None:
    folder = unpacked(client, record, "ro-crate", tmp_path / "crate")
    crate = ROCrate(folder)
    assert crate.root_dataset["name"] == "Lượng mưa ở Đồng Ví Dụ"
    assert str(crate.metadata["conformsTo"]).startswith("https://w3id.org/ro/crate/1.2")
    files = [each for each in crate.data_entities if each.type == "File"]
    assert {each["name"] for each in files} == set(FILES)
    graph = json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]
    told = {node["@id"]: node for node in graph}
    assert len(told) == len(graph)
    assert {part["@id"] for part in told["./"]["hasPart"]} == {each.id for each in files}
    for path, content in FILES.items():
        assert (folder / "data" / path).read_bytes() == content


def test_a_file_of_another_licence_says_so_as_in_the_export(
    client: FlaskClient, depositor: Depositor, record: str, tmp_path: Path
) -> None:
    own = {"empty": "mit", "100% & more.txt": "mit", "the same again.csv": "cc-by-4.0"}
    with depositor.runtime.work() as work:
        for path, licence in own.items():
            named = (File.version_id == record, File.path == path)
            work.session.execute(update(File).where(*named).values(license=licence))
    folder = unpacked(client, record, "ro-crate", tmp_path)
    packed = json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]
    assert len({node["@id"] for node in packed}) == len(packed)
    exported = json.loads(client.get(f"/records/{record}/export/ro-crate").data)["@graph"]
    licences, theirs = [
        {
            node["name"]: node["license"]
            for node in graph
            if node["@type"] == "File" and "license" in node
        }
        for graph in (packed, exported)
    ]
    assert licences == theirs
    assert licences.keys() == own.keys()
    [mit] = [node for node in packed if node["@id"] == licences["empty"]["@id"]]
    assert mit in exported
    assert mit["@type"] == "CreativeWork"


def test_formats_are_told_as_in_the_export_once_all_are_known(
    client: FlaskClient, depositor: Depositor, record: str, tmp_path: Path
) -> None:
    """Half of them known, the length would change while the archive is sent."""

    def identified(*paths: str, puid: str) -> None:
        with depositor.runtime.work() as work:
            named = (File.version_id == record, File.path.in_(paths))
            work.session.execute(update(File).where(*named).values(puid=puid))

    def told(graph: list[dict[str, Any]]) -> dict[str, Any]:
        nodes = {node["@id"]: node for node in graph}
        assert len(nodes) == len(graph)
        files = [node for node in graph if node["@type"] == "File"]
        return {
            node["name"]: nodes[node["encodingFormat"][1]["@id"]]
            for node in files
            if isinstance(node["encodingFormat"], list)
        }

    def packed(folder: str) -> dict[str, Any]:
        path = unpacked(client, record, "ro-crate", tmp_path / folder) / "ro-crate-metadata.json"
        return told(json.loads(path.read_text())["@graph"])

    csv = ("dữ liệu/số 1.csv", "the same again.csv")
    identified(*csv, puid="x-fmt/18")
    assert packed("half") == {}
    identified("100% & more.txt", puid="x-fmt/111")
    identified("empty", "ro-crate-metadata.json", puid="")
    found = packed("all")
    exported = client.get(f"/records/{record}/export/ro-crate").data
    assert found == told(json.loads(exported)["@graph"])
    pronom = "https://www.nationalarchives.gov.uk/PRONOM/"
    assert {name: node["@id"] for name, node in found.items()} == {
        "100% & more.txt": f"{pronom}x-fmt/111",
        **dict.fromkeys(csv, f"{pronom}x-fmt/18"),
    }
    assert {tuple(node["@type"]) for node in found.values()} == {("WebPage", "Standard")}
    assert f'href="{pronom}x-fmt/111"' in client.get(f"/records/{record}").text


def test_a_bag_that_bagit_finds_whole(
    client: FlaskClient, depositor: Depositor, tmp_path: Path
) -> None:
    """`bagit` does not decode the %25 that RFC 8493, section 2.1.3, asks for: no such name here."""
    files = {path: content for path, content in FILES.items() if "%" not in path}
    record = depositor.publish(files)
    folder = unpacked(client, record, "bagit", tmp_path)
    bag = bagit.Bag(str(folder / record))
    bag.validate()
    assert len(list(bag.payload_files())) == len(files)
    assert (
        b"datacite.org/schema/kernel-4" in (folder / record / "metadata/datacite.xml").read_bytes()
    )


def test_an_ocfl_object_without_a_fault(client: FlaskClient, record: str, tmp_path: Path) -> None:
    folder = unpacked(client, record, "ocfl", tmp_path / "unpacked") / record
    if VALIDATOR is not None:
        told = subprocess.run(
            [VALIDATOR, "-Q", folder], capture_output=True, text=True, check=False
        )
        assert (told.returncode, " VALID" in told.stdout) == (0, True), told.stdout + told.stderr
    inventory = json.loads((folder / "inventory.json").read_text())
    place = object_path(inventory["id"])
    (tmp_path / "target" / place).parent.mkdir(parents=True)
    folder.rename(tmp_path / "target" / place)
    assert list(problems(FolderTarget(tmp_path / "target"), place)) == []
    state = [path for paths in inventory["versions"]["v1"]["state"].values() for path in paths]
    assert {f"data/{path}" for path in FILES} < set(state)
    (tmp_path / "target" / place / "v1/content/data/empty").write_bytes(b"changed")
    assert list(problems(FolderTarget(tmp_path / "target"), place))


def test_any_part_can_be_had_alone(client: FlaskClient, record: str) -> None:
    for name in PACKAGES:
        url = f"/records/{record}/packages/{name}.zip"
        whole = client.get(url, buffered=True)
        part = client.get(
            url,
            headers={"Range": "bytes=200-999", "If-Range": whole.headers["ETag"]},
            buffered=True,
        )
        assert part.status_code == 206
        assert part.data == whole.data[200:1000]


def test_the_page_and_the_links_lead_to_them(client: FlaskClient, record: str) -> None:
    page = client.get(f"/records/{record}").text
    linkset: Any = client.get(f"/records/{record}/linkset").json
    items = {item["href"]: item for item in linkset["linkset"][0]["item"]}
    for name, package in PACKAGES.items():
        address = f"/records/{record}/packages/{name}.zip"
        assert address in page
        assert items[f"http://repository.test{address}"]["profile"] == package.profile


def test_only_for_whom_the_files_are(
    client: FlaskClient, depositor: Depositor, record: str
) -> None:
    hidden = depositor.publish(FILES, access={"files": "restricted"})
    empty = depositor.publish()
    for name in PACKAGES:
        assert client.get(f"/records/{hidden}/packages/{name}.zip").status_code == 403
        assert client.get(f"/records/{empty}/packages/{name}.zip").status_code == 404
    assert client.get(f"/records/{record}/packages/rar.zip").status_code == 404
    assert "packages" not in str(client.get(f"/records/{hidden}/linkset").json)
    sign_in(client, depositor.user)
    answer = client.get(f"/records/{hidden}/packages/ocfl.zip")
    assert answer.status_code == 200
    assert "private" in answer.headers["Cache-Control"]


def test_many_files_are_not_held(client: FlaskClient, depositor: Depositor) -> None:
    few = depositor.publish({"a": b"a"})
    many = depositor.publish({f"{n:05d} a rather long name": b"%d" % n for n in range(1500)})
    peaks = {}
    for version in (few, few, many):
        for name in PACKAGES:
            gc.collect()  # what other tests left is not what this answer holds
            tracemalloc.start()
            answer = client.get(f"/records/{version}/packages/{name}.zip")
            size = sum(map(len, answer.iter_encoded()))
            peaks[version, name] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert size == answer.content_length
    for name in PACKAGES:
        assert peaks[many, name] < peaks[few, name] + (6 << 20)


@pytest.mark.parametrize("licensed", [False, True])
def test_lists_are_as_long_as_was_reckoned(
    runtime: Runtime, tmp_path: Path, licensed: bool
) -> None:
    """Names with all that JSON and addresses write in other ways, equal files, other licences."""
    depositor = Depositor(runtime, tmp_path / "deposited")
    names = ("a b~c-d_e.csv", 'say "yes" %41.txt', "lượng mưa/Ω\u2028.csv", "c;d &<>.bin", "x/😀")
    content = {name: b"same" if number % 2 else name.encode() for number, name in enumerate(names)}
    content["in/record.txt"] = b"x" * 1000
    version_id = depositor.publish(content)
    with runtime.work() as work:
        if licensed:
            for number, file in enumerate(work.session.scalars(select(File))):
                file.license = ("cc-by-4.0", "cc0-1.0", "")[number % 3]
    with runtime.read() as work:
        version = work.session.get_one(Version, version_id)
        document = document_for(work, ANONYMOUS, version)
    assert document is not None
    for package in PACKAGES.values():
        archive = package.build(runtime, ANONYMOUS, version, document)
        for segment in archive._segments:
            assert Sums.of(segment.members()) == segment.sums, package.name

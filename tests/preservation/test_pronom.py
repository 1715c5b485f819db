"""Formats as the PRONOM registry knows them, by Siegfried itself."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from repository.app import create_app
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit.drafts import carry_over_files, new_version
from repository.preservation import pronom
from repository.records.models import File
from tests.deposit.conftest import Depositor

CSV = b"ngay,mua\n2026-11-01,12\n"
PNG = (Path(__file__).parents[2] / "docs/landing-page.png").read_bytes()
LARGE_PDF = b"%PDF-1.4\n" + b"\0" * (pronom.WHOLE + 1) + b"\n%%EOF\n"
DYING = """
import os, pathlib, runpy, signal, sys
if any(path.suffix == ".boom" for path in pathlib.Path(sys.argv[1]).iterdir()):
    os.kill(os.getpid(), signal.SIGKILL)
runpy.run_path({program!r}, run_name="__main__")
"""


def test_a_page_is_made_anew_when_formats_are_known(
    sqlite_runtime: Runtime, clock: FixedClock
) -> None:
    lan = Depositor(sqlite_runtime, "lan@example.org")
    draft = lan.draft()
    lan.upload(draft, "mưa.csv", CSV)
    lan.publish(draft)
    client = create_app(sqlite_runtime).test_client()
    before = client.get(f"/records/{draft}")
    assert "PRONOM" not in before.text
    clock.advance(pronom.GATHERING)
    run_until_idle(sqlite_runtime)
    after = client.get(f"/records/{draft}", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "PRONOM/x-fmt/18" in after.text


@pytest.mark.parametrize("version_id", ["some", None])
def test_few_files_that_wait_are_found_among_many(
    sqlite_runtime: Runtime, version_id: str | None
) -> None:
    """By the index of those: SQLite does not take one whose condition it reads otherwise."""
    with sqlite_runtime.read() as work:
        query = pronom.waiting_query(version_id).compile(
            work.session.get_bind(), compile_kwargs={"literal_binds": True}
        )
        (plan,) = work.session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    assert "ix_files_without_puid" in plan.detail


def puids(runtime: Runtime, version_id: str) -> dict[str, str | None]:
    with runtime.read() as work:
        found = work.session.query(File.path, File.puid).filter(File.version_id == version_id)
        return dict(found.tuples())


def test_what_is_deposited_is_identified(runtime: Runtime, clock: FixedClock) -> None:
    lan = Depositor(runtime, "lan@example.org")
    draft = lan.draft()
    for path, content in {
        "số liệu/mưa.csv": CSV,
        "bản đồ.png": PNG,
        "báo cáo.pdf": LARGE_PDF,
        "empty.csv": b"",
        "unheard.of": b"\x01\x02\xfe\xff\x00",
    }.items():
        lan.upload(draft, path, content)
    run_until_idle(runtime)
    assert set(puids(runtime, draft).values()) == {None}, "others may come yet"
    clock.advance(pronom.GATHERING)
    run_until_idle(runtime)
    expected = {
        "số liệu/mưa.csv": "x-fmt/18",
        "bản đồ.png": "fmt/11",
        "báo cáo.pdf": "fmt/18",
        "empty.csv": "",
        "unheard.of": "",
    }
    assert puids(runtime, draft) == expected

    lan.publish(draft)
    client = create_app(runtime).test_client()
    file = client.get(f"/api/records/{draft}/files/bản đồ.png").get_json()
    assert (file["puid"], file["mimetype"]) == ("fmt/11", "image/png")
    assert "puid" not in client.get(f"/api/records/{draft}/files/empty.csv").get_json()
    page = client.get(f"/records/{draft}/preview/bản đồ.png").text
    assert 'href="https://www.nationalarchives.gov.uk/PRONOM/fmt/11"' in page

    with runtime.work() as work:
        newer = new_version(work, lan.actor, draft).version_id
        carry_over_files(work, draft, newer)
    assert puids(runtime, newer) == expected


def test_a_file_that_ends_the_program_keeps_no_other_from_being_identified(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = tmp_path / "dying.py"
    dying.write_text(DYING.format(program=str(pronom.PROGRAM)))
    monkeypatch.setattr(pronom, "PROGRAM", dying)
    lan = Depositor(runtime, "lan@example.org")
    draft = lan.draft()
    for path in ("a.csv", "b.boom", "c.png"):
        lan.upload(draft, path, PNG if path == "c.png" else CSV)
    pronom.identify(runtime)
    assert puids(runtime, draft) == {"a.csv": "x-fmt/18", "b.boom": "", "c.png": "fmt/11"}
    assert "pygfried" not in sys.modules, "its threads are not for a process that forks"


def test_bytes_that_were_replaced_are_looked_at_anew(runtime: Runtime) -> None:
    lan = Depositor(runtime, "lan@example.org")
    draft = lan.draft()
    lan.upload(draft, "a", PNG)
    pronom.identify(runtime)
    assert puids(runtime, draft) == {"a": "fmt/11"}
    with runtime.work() as work:
        work.session.delete(work.session.query(File).filter(File.version_id == draft).one())
    lan.upload(draft, "a", CSV)
    pronom.identify(runtime)
    assert puids(runtime, draft) == {"a": "x-fmt/111"}, "without an ending it is plain text"

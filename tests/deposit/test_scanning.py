"""Malware in what is deposited, found by a real clamd."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner

from repository.access.file_rules import can_download
from repository.accounts.models import Notice
from repository.app import create_app
from repository.cli import main
from repository.core.clamd import Clamd
from repository.core.clock import FixedClock
from repository.core.errors import Unavailable, ValidationFailed
from repository.core.jobs import Job
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit import doctor, scanning
from repository.records.models import Content, File, Version
from tests.deposit.conftest import Depositor
from tests.services.clamav import EICAR, STREAM_MAX


def scanned_by(runtime: Runtime, address: str, **more: object) -> Runtime:
    settings = runtime.settings.model_copy(update={"clamd": address, **more})
    return replace(runtime, settings=settings)


@pytest.fixture
def scanned(clamd: str, runtime: Runtime) -> Runtime:
    return scanned_by(runtime, clamd)


def the_file(runtime: Runtime, version_id: str, path: str) -> tuple[File, Version]:
    with runtime.read() as work:
        file = work.session.query(File).filter_by(version_id=version_id, path=path).one()
        return file, work.session.get_one(Version, version_id)


def test_what_is_found_is_kept_from_everyone_and_told(scanned: Runtime) -> None:
    lan = Depositor(scanned, "lan@example.org")
    draft = lan.draft()
    lan.upload(draft, "fine.csv")
    lan.upload(draft, "bad.com", EICAR)
    run_until_idle(scanned)
    file, version = the_file(scanned, draft, "bad.com")
    assert file.quarantined
    assert not can_download(lan.actor, version, file, scanned.clock.now())
    fine, _version = the_file(scanned, draft, "fine.csv")
    assert not fine.quarantined
    with pytest.raises(ValidationFailed) as refused:
        lan.publish(draft)
    assert "Malware" in refused.value.errors[0].message
    with scanned.read() as work:
        notice = work.session.query(Notice).one()
        assert (notice.user_id, notice.kind) == (lan.user.id, "files.malware")
        assert notice.params["malware"].startswith("Eicar-Test-Signature")
        assert work.session.query(Content).filter(Content.scanned_at.is_(None)).count() == 0
    lan.upload(draft, "again.com", EICAR)
    assert the_file(scanned, draft, "again.com")[0].quarantined, "known bytes need no second look"
    told = list(doctor.problems(scanned))
    assert "Files: malware was found in 2; repository scan list tells in which." in told


def test_what_was_published_before_there_was_a_scanner(clamd: str, runtime: Runtime) -> None:
    lan = Depositor(runtime, "lan@example.org")
    version_id = lan.draft()
    sha256 = lan.upload(version_id, "bad.com", EICAR)
    lan.upload(version_id, "fine.csv")
    lan.publish(version_id)
    run_until_idle(runtime)
    client = create_app(runtime).test_client()
    address = f"/records/{version_id}/files/bad.com"
    assert client.get(address, buffered=True).status_code == 200
    scanned = scanned_by(runtime, clamd)
    scanning.request_missed(scanned, {})
    run_until_idle(scanned)
    assert client.get(address, buffered=True).status_code in (403, 404)
    assert "bad.com" not in client.get(f"/records/{version_id}").text
    assert EICAR not in client.get(f"/records/{version_id}/files.zip").data

    def run(*words: str) -> str:
        return CliRunner().invoke(main, ["scan", *words], obj=lambda: runtime).output.strip()

    assert run("list").startswith(f"{sha256} Eicar-Test-Signature")
    assert run("release", sha256) == "1 files released"
    assert run("list") == ""
    assert client.get(address, buffered=True).status_code == 200


def test_a_scanner_that_is_away_is_waited_for(runtime: Runtime, clock: FixedClock) -> None:
    away = scanned_by(runtime, "unix:/nowhere/clamd.ctl")
    lan = Depositor(away, "lan@example.org")
    draft = lan.draft()
    lan.upload(draft, "a.csv")
    run_until_idle(away)
    with away.read() as work:
        job = work.session.query(Job).filter_by(kind=scanning.SCAN).one()
        assert (job.state, job.attempts) == ("queued", 1)
    assert "Files: The malware scanner does not answer." in list(doctor.problems(away))
    lan.publish(draft)  # nobody waits for it


def test_what_is_too_large_for_the_scanner_is_said(clamd: str) -> None:
    with pytest.raises(Unavailable, match="size limit exceeded"):
        Clamd(clamd).scan(_zeros(4 * STREAM_MAX))
    assert Clamd(clamd).scan(_zeros(STREAM_MAX // 2)) is None


def _zeros(size: int) -> Iterator[bytes]:
    for _ in range(size >> 16):
        yield bytes(1 << 16)

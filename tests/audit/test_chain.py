"""The chain through the audit log, on both databases."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from repository.audit import chain
from repository.audit.jobs import verify as daily
from repository.audit.models import AuditEvent
from repository.audit.services import log
from repository.cli import main
from repository.core.runtime import Runtime
from repository.core.work import Work
from tests.runtimes import SECRET_KEY, make_settings


def act(runtime: Runtime, *names: str) -> None:
    with runtime.work() as work:
        for name in names:
            log(work, 1, "test.act", "thing", name, số=3, at=[1, None, "é"])


def test_a_log_that_was_left_alone_holds(runtime: Runtime) -> None:
    act(runtime, "a")
    act(runtime, "b", "c")
    with runtime.read() as work:
        head = chain.verify(work)
        assert head.seq == 3
        assert chain.verify(work, expected=str(head)).seq == 3
    daily(runtime, {})


def _changed(session: Session) -> None:
    session.execute(update(AuditEvent).where(AuditEvent.seq == 2).values(object_id="x"))


def _moved(session: Session) -> None:
    session.execute(update(AuditEvent).where(AuditEvent.seq == 3).values(user_id=None))


def _removed(session: Session) -> None:
    session.execute(delete(AuditEvent).where(AuditEvent.seq == 2))


def _forged(session: Session) -> None:
    event = session.scalars(select(AuditEvent).where(AuditEvent.seq == 3)).one()
    event.detail = {"số": 4}
    before = session.scalars(select(AuditEvent.mac).where(AuditEvent.seq == 2)).one()
    event.mac = chain.mac_of(b"a guess at the key", before or "", event)


@pytest.mark.parametrize("tamper", [_changed, _moved, _removed, _forged])
def test_whoever_meddles_with_the_database_is_found_out(
    runtime: Runtime, tamper: Callable[[Session], None]
) -> None:
    act(runtime, "a", "b", "c")
    with runtime.work() as work:
        tamper(work.session)
    with pytest.raises(chain.Broken):
        daily(runtime, {})


def test_cutting_off_the_newest_is_seen_by_a_head_that_was_noted(runtime: Runtime) -> None:
    act(runtime, "a", "b")
    with runtime.read() as work:
        noted = str(chain.verify(work))
    with runtime.work() as work:
        work.session.execute(delete(AuditEvent).where(AuditEvent.seq == 2))
    with runtime.read() as work:
        assert chain.verify(work).seq == 1
        with pytest.raises(chain.Broken):
            chain.verify(work, expected=noted)


def test_many_at_once_make_one_chain(runtime: Runtime) -> None:
    threads = [threading.Thread(target=act, args=(runtime, f"{n}", "more")) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with runtime.read() as work:
        assert chain.verify(work).seq == 24


def _log_and_fail(work: Work) -> None:
    log(work, 1, "test.act", "thing", "never")
    work.session.flush()
    raise ZeroDivisionError


def test_what_is_rolled_back_leaves_no_gap(runtime: Runtime) -> None:
    act(runtime, "a")
    with pytest.raises(ZeroDivisionError), runtime.work() as work:
        _log_and_fail(work)
    act(runtime, "b")
    with runtime.read() as work:
        assert chain.verify(work).seq == 2


def test_events_under_a_former_key_are_told_apart_from_forged_ones(
    sqlite_runtime: Runtime, sqlite_url: str, tmp_path: Path
) -> None:
    act(sqlite_runtime, "a")
    settings = make_settings(
        tmp_path / "data", sqlite_url, secret_key="another secret that is only for tests, forty"
    )
    later = Runtime.from_settings(settings, sqlite_runtime.clock)
    act(later, "b")
    with later.read() as work:
        with pytest.raises(chain.Broken):
            chain.verify(work)
        assert chain.verify(work, [SecretStr(SECRET_KEY)]).seq == 2
    later.close()


def test_the_command_says_what_it_found(sqlite_runtime: Runtime) -> None:
    act(sqlite_runtime, "a", "b")
    ran = CliRunner().invoke(main, ["audit", "verify"], obj=lambda: sqlite_runtime)
    assert ran.exit_code == 0, ran.output
    assert "2 events are as they were written" in ran.output
    with sqlite_runtime.work() as work:
        _changed(work.session)
    broken = CliRunner().invoke(main, ["audit", "verify"], obj=lambda: sqlite_runtime)
    assert broken.exit_code == 1
    assert "Event 2 of the audit log is not as it was written." in broken.stderr

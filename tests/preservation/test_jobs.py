"""What happens by itself."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from repository.cli import main
from repository.core import jobs
from repository.core.clock import FixedClock
from repository.core.jobs import Job
from repository.core.runner import run_job
from repository.core.runtime import Runtime
from repository.preservation import manifest as manifests
from repository.preservation import runs, watch
from repository.preservation.backup_cli import backup as backup_command
from tests.preservation.conftest import opened, publish


def run_scheduled(runtime: Runtime, kind: str) -> Job:
    """Run a periodic job now; its row as it is afterwards."""
    key = f"periodic:{kind}"
    with runtime.work() as work:
        jobs.enqueue(work.session, work.clock.now(), kind, key, {})
    with runtime.read() as work:
        job_id = work.session.scalars(select(Job.id).where(Job.key == key)).one()
    assert run_job(runtime, job_id)
    with runtime.read() as work:
        return work.session.get_one(Job, job_id)


def test_backups_and_drills_come_by_themselves(
    sqlite_kept: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    assert run_scheduled(sqlite_kept, "backup.drill").state == "done", "nothing to try yet"
    for _ in range(10):
        assert run_scheduled(sqlite_kept, "backup.run").state == "done"
        assert run_scheduled(sqlite_kept, "backup.drill").state == "done"
        assert run_scheduled(sqlite_kept, "backup.watch").state == "done"
        clock.advance(timedelta(hours=12))
    target = opened(sqlite_kept)
    assert len(manifests.backups(target)) == 5
    with sqlite_kept.read() as work:
        kinds = [run.kind for run in runs.recent(work)]
        assert watch.warnings(work) == []
    assert (kinds.count("backup"), kinds.count("drill")) == (5, 1)


def test_while_one_runs_the_next_waits(sqlite_kept: Runtime) -> None:
    with runs.exclusive(sqlite_kept.settings):
        job = run_scheduled(sqlite_kept, "backup.run")
    assert (job.state, job.attempts) == ("queued", 0)
    assert job.last_error is not None
    assert "running already" in job.last_error


def test_a_failure_is_tried_again_and_told(sqlite_kept: Runtime) -> None:
    Path(sqlite_kept.settings.backup_target).write_text("a file, no folder")
    job = run_scheduled(sqlite_kept, "backup.run")
    assert (job.state, job.attempts) == ("queued", 1)
    assert "cannot use the backup folder" in str(job.last_error)


def test_without_a_target_nothing_happens(sqlite_runtime: Runtime) -> None:
    for kind in ("backup.run", "backup.drill", "backup.watch"):
        assert run_scheduled(sqlite_runtime, kind).state == "done"
    with sqlite_runtime.read() as work:
        assert runs.recent(work) == []


def test_the_commands(
    sqlite_kept: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", {"a.csv": b"1,2"})

    def command(*arguments: str) -> list[str]:
        result = CliRunner().invoke(backup_command, arguments, obj=lambda: sqlite_kept)
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    backup_id = command("run")[-1]
    assert command("list")[0].split("\t")[0] == backup_id
    told = "1 contents, 3 bytes, 1 objects, 0 problems"
    assert command("verify") == [f"default, default: {backup_id}: {told}"]
    rpo, rto = command("drill")[1:]
    assert rpo == "RPO 0.0 h, promised 26 h"
    assert rto.endswith(" h, promised 8 h")
    assert command("prune") == ["default, default: 0 backups and 0 contents deleted"]

    monkeypatch.setenv("REPOSITORY_DATA_DIR", str(tmp_path / "new"))
    target = sqlite_kept.settings.backup_target
    restored = CliRunner().invoke(main, ["restore", "--from", target, "--at", "2027-01-01"])
    assert restored.stdout.splitlines()[-1] == backup_id
    again = CliRunner().invoke(main, ["restore", "--from", target])
    assert again.exit_code == 1
    assert "is not empty" in again.stderr

"""With all the application's credentials one cannot destroy the copy that is locked."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from repository.core.runtime import Runtime
from repository.preservation import backup
from repository.preservation.places import target_at
from repository.preservation.restore import restore
from tests.preservation.conftest import publish
from tests.runtimes import make_settings
from tests.services.process import carried_program, start
from tests.waiting import eventually

RESTIC = shutil.which("restic")
ENV = {"RESTIC_PASSWORD": "kept by the application", "PATH": "/usr/bin:/bin"}
_LISTENING = re.compile(r"http://(?:kho:[^@]*@)?127\.0\.0\.1:(\d+)/")


@pytest.fixture
def append_only(tmp_path: Path) -> Iterator[str]:
    """The address of a server that only adds, as another machine would run it."""
    server = start(
        [
            *(carried_program("rclone"), "serve", "restic", "--append-only"),
            *("--addr", "127.0.0.1:0", "--user", "kho", "--pass", "word", tmp_path / "far"),
        ],
        log=tmp_path / "log",
        ready=lambda output: _LISTENING.search(output) is not None,
        env={"RCLONE_CONFIG": ""},
    )
    found = _LISTENING.search(server.output())
    assert found is not None
    yield f"http://kho:word@127.0.0.1:{found[1]}/"
    server.stop()


def command(address: str, *arguments: str | Path, cache: Path) -> list[str | Path]:
    return [str(RESTIC), "-r", f"rest:{address}", "--cache-dir", cache, *arguments]


def restic(address: str, *arguments: str | Path, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(address, *arguments, cache=cache),
        env=ENV,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(told: Path, address: str, *arguments: str | Path, cache: Path) -> None:
    """The server forbids it; restic would ask again for most of a minute, so it is interrupted,
    upon which it lets its lock go.
    """
    with told.open("wb") as output:
        asking = subprocess.Popen(
            command(address, *arguments, cache=cache), env=ENV, stdout=output, stderr=output
        )
    try:
        eventually(lambda: "403 Forbidden" in told.read_text() or asking.poll() is not None)
    finally:
        asking.send_signal(signal.SIGINT)
        ended = asking.wait(60)
    assert "403 Forbidden" in told.read_text()
    assert ended != 0


@pytest.mark.skipif(RESTIC is None, reason="the program restic is not installed")
def test_a_server_that_only_adds(sqlite_kept: Runtime, tmp_path: Path, append_only: str) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    made = backup.run(sqlite_kept).manifest
    folder, cache = Path(sqlite_kept.settings.backup_target), tmp_path / "cache"
    for arguments in (("init",), ("backup", folder)):
        done = restic(append_only, *arguments, cache=cache)
        assert done.returncode == 0, done.stderr

    shutil.rmtree(sqlite_kept.settings.data_dir / "files")
    shutil.rmtree(folder)
    forget = ("forget", "latest", "--prune", "--keep-last", "0")
    refused(tmp_path / "told", append_only, *forget, cache=cache)
    kept = [path for path in (tmp_path / "far").rglob("*") if path.is_file()]
    http = urllib3.PoolManager()
    headers = urllib3.make_headers(basic_auth="kho:word")
    base = append_only.replace("kho:word@", "")
    tried = 0
    for path in kept:
        kind = path.relative_to(tmp_path / "far").parts[0]
        if kind == "locks":
            continue
        name = "config" if kind == "config" else f"{kind}/{path.name}"
        for method, body in (("DELETE", None), ("POST", b"encrypted by them")):
            before = path.read_bytes()
            answer = http.request(method, base + name, body=body, headers=headers, retries=False)
            assert answer.status == 403, (method, name)
            assert path.read_bytes() == before
            tried += 1
    assert tried >= 8

    back = restic(append_only, "restore", "latest", "--target", tmp_path / "again", cache=cache)
    assert back.returncode == 0, back.stderr
    new = make_settings(tmp_path / "new", "")
    address = str(tmp_path / "again") + str(folder)
    restored = restore(target_at(new, address), new)
    assert (restored.manifest.id, restored.contents) == (made.id, 1)

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.services.process import ServerEndedError, start
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
SLEEPER = [sys.executable, "-u", "-c", "import os, time; print(os.getpid()); time.sleep(600)"]


def test_a_server_that_ends_at_once_is_told_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(ServerEndedError, match="no such port"):
        start(
            [sys.executable, "-c", "raise SystemExit('no such port')"],
            log=tmp_path / "log",
            ready=lambda _output: False,
        )


def test_stopping_ends_the_program(tmp_path: Path) -> None:
    server = start(SLEEPER, log=tmp_path / "log", ready=lambda output: output.endswith("\n"))
    program = int(server.output())
    assert psutil.pid_exists(program)
    server.stop()
    assert not psutil.pid_exists(program)


def test_no_server_outlives_a_killed_test_run(tmp_path: Path) -> None:
    starts_and_hangs = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.services.process import start\n"
        "server = start(sys.argv[2:], log=Path(sys.argv[1]), ready=lambda out: '\\n' in out)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    log = tmp_path / "log"
    command = [sys.executable, "-c", starts_and_hangs, str(log), *SLEEPER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"up\n"
        program = int(log.read_text())
        run.kill()
    eventually(lambda: not psutil.pid_exists(program))

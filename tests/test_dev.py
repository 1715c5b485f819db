import ast
import subprocess
import sys

import pytest

from tests.architecture.tracked import ROOT

DEV = ROOT / "dev.py"


def run(*args: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, DEV, *args], capture_output=True, text=True, check=False)


def test_an_old_python_can_read_it_to_say_that_it_is_too_old() -> None:
    ast.parse(DEV.read_text(), feature_version=(3, 6))


def test_it_says_what_it_can_do() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in ("run", "test", "repository", "bench"):
        assert f"  {command} " in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "usage:"),
        (["tset"], "no such command: tset"),
        (["bench", "nothing"], "bench takes the name of a benchmark: "),
    ],
)
def test_a_wrong_command_is_answered(args: list[str], said: str) -> None:
    done = run(*args)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr

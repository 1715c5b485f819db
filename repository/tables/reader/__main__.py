"""A process that has imported what reads tables, and forks for each task that it is told.

Tasks come as lines of JSON on the standard input; the exit status of each goes back as a line, its
answer to `answer.json` in its scratch folder. The limits are set in the fork, before a byte of the
table is read; it has no way to the one that asked, and ends with its one task. Whatever goes wrong
in it, the one that asked says why.
"""

import json
import os
import resource
import select
import sys
from pathlib import Path
from typing import Any

import duckdb

from repository.tables.reader import prepare, query
from repository.tables.reader.refusal import Refused

ANSWER = "answer.json"
MIB = 1 << 20
# Address space that libraries and thread stacks take without using it.
OVERHEAD = 1024 * MIB
IDLE_SECONDS = 60


def _limit(limits: dict[str, int]) -> None:
    """`memory` and `disk` in bytes, `seconds` of processor time."""
    memory = limits["memory"] + OVERHEAD
    for which, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_FSIZE, limits["disk"]),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(which, (value, value))
    os.nice(10)


def _perform(task: dict[str, Any]) -> dict[str, Any]:
    if task["do"] == "prepare":
        return prepare.prepare(task)
    return query.rows(task)


def _answer(task: dict[str, Any]) -> None:
    try:
        answer = _perform(task)
    except Refused as error:
        answer = {"refused": error.code, "params": error.params}
    except (MemoryError, duckdb.OutOfMemoryException):
        answer = {"refused": "memory", "params": {}}
    except (duckdb.Error, OSError, ValueError, UnicodeError) as error:
        sys.stderr.write(str(error)[:500])
        answer = {"refused": "unreadable", "params": {}}
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False)
    (Path(task["scratch"]) / ANSWER).write_text(text, encoding="utf-8")


def _shut_in(scratch: str) -> None:
    """Away from the pipes to the one that asked, into the task's own folder."""
    nothing = os.open(os.devnull, os.O_RDWR)
    errors = os.open(f"{scratch}/errors", os.O_WRONLY | os.O_CREAT, 0o600)
    for target, source in enumerate((nothing, nothing, errors)):
        os.dup2(source, target)
    os.closerange(3, 64)
    os.chdir(scratch)


def _fork(task: dict[str, Any]) -> int:
    """Its exit status; negative where a signal ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        _shut_in(task["scratch"])
        _limit(task["limits"])
        _answer(task)
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        line = sys.stdin.readline()
        if not line:
            return
        sys.stdout.write(f"{_fork(json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

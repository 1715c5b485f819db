"""One task, told as JSON on the standard input; its answer goes to `answer.json` in the scratch.

The limits are set before a byte of the table is read. Whatever goes wrong, this process ends and
the one that asked says why.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from repository.tables.reader.refusal import Refused

ANSWER = "answer.json"
MIB = 1 << 20
# Address space that libraries and thread stacks take without using it.
OVERHEAD = 1024 * MIB


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
    from repository.tables.reader import prepare, query

    if task["do"] == "prepare":
        return prepare.prepare(task)
    return query.rows(task)


def main() -> None:
    task = json.load(sys.stdin)
    _limit(task["limits"])
    import duckdb

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


if __name__ == "__main__":
    main()

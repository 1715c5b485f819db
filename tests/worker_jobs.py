"""`repository worker` with one more kind of job, for `test_worker`."""

import os
import time
from pathlib import Path
from typing import Any

from repository.core.jobs import handler
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.worker import run_worker

FOLDER = Path(os.environ["TEST_FOLDER"])


@handler("test.append")
def append(runtime: Runtime, payload: dict[str, Any]) -> None:
    """Append one letter to the job's file; with `hang`, say so first and wait to be let on."""
    if payload.get("hang"):
        (FOLDER / f"{payload['name']}.begun").touch()
        while not (FOLDER / "go-on").exists():
            time.sleep(0.02)
    with (FOLDER / payload["name"]).open("a") as file:
        file.write("x")


if __name__ == "__main__":
    run_worker(Runtime.from_settings(Settings()))

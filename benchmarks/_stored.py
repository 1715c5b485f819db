"""A repository full of content, without the server."""

import os
from pathlib import Path

from repository import start
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.records.models import Content
from storage.backup.targets import stream_of

MIB = 1 << 20


def filled(data_dir: Path, *, count: int, size: int, **settings: object) -> Runtime:
    """A runtime with `count` different contents of `size` bytes each."""
    runtime = start.prepare(Settings.model_validate({"data_dir": data_dir, **settings}))
    block = os.urandom(size)
    with runtime.work() as work:
        for number in range(count):
            data = number.to_bytes(8, "big") + block[8:]
            stored = runtime.store.write(stream_of(iter([data])))
            now = runtime.clock.now()
            work.session.add(Content(sha256=stored.sha256, size=stored.size, created_at=now))
    return runtime

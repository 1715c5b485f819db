"""A first backup, an unchanged one, and a restore, against SHA-256 and against copying the bytes.

python3 dev.py bench backup [MEBIBYTES]
"""

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks._common import show, temporary_folder
from benchmarks._stored import MIB, filled
from benchmarks.fixity import plain
from repository.core.settings import Settings
from repository.preservation import backup
from repository.preservation.places import target_at
from repository.preservation.restore import restore


def seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def copy(source: Path, target: Path) -> None:
    """What `cp -r` and `sync` do."""
    shutil.copytree(source, target)
    os.sync()


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 512
    with temporary_folder() as folder:
        count, size = mebibytes // 16, 16 * MIB
        target = folder / "backups"
        runtime = filled(folder / "data", count=count, size=size, backup_target=str(target))
        files = runtime.settings.data_dir / "files"
        measured = {
            "SHA-256 of the files": seconds(lambda: plain(files)),
            "copying the files": seconds(lambda: copy(files, folder / "copy")),
            "first backup (copied, synced, read back)": seconds(lambda: backup.run(runtime)),
            "second backup (nothing new)": seconds(lambda: backup.run(runtime)),
        }
        manifest = backup.run(runtime).manifest
        source = target_at(runtime.settings, str(target))
        measured["verify (every byte)"] = seconds(lambda: backup.verify(source, manifest))
        new = Settings.model_validate({"data_dir": folder / "new"})
        measured["restore (compared)"] = seconds(lambda: restore(source, new))
        runtime.close()
    limit = measured["copying the files"]
    show(
        f"Backup of {mebibytes} MiB in files of 16 MiB, one run",
        ["", "seconds", "MiB/s", "times copying"],
        [
            [name, f"{took:.2f}", f"{mebibytes / took:.0f}", f"{took / limit:.2f}"]
            for name, took in measured.items()
        ],
    )


if __name__ == "__main__":
    main()

"""A first backup, an unchanged one, and a restore, against copying the bytes, and against copying
them and taking their SHA-256 twice: as they are read, and as they are read back.

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


def measure(folder: Path, count: int, size: int) -> dict[str, float]:
    target = folder / "backups"
    runtime = filled(folder / "data", count=count, size=size, backup_target=str(target))
    files = runtime.settings.data_dir / "files"
    measured = {"copying the files": seconds(lambda: copy(files, folder / "copy"))}
    measured["copying and SHA-256 twice"] = measured["copying the files"] + 2 * seconds(
        lambda: plain(files)
    )
    measured |= {
        "first backup (copied, synced, read back)": seconds(lambda: backup.run(runtime)),
        "second backup (nothing new)": seconds(lambda: backup.run(runtime)),
    }
    manifest = backup.run(runtime).manifest
    source = target_at(runtime.settings, str(target))
    measured["verify (every byte)"] = seconds(lambda: backup.verify(source, manifest))
    new = Settings.model_validate({"data_dir": folder / "new"})
    measured["restore (compared)"] = seconds(lambda: restore(source, new))
    runtime.close()
    return measured


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 512
    for name, size, part in (("16 MiB", 16 * MIB, 1), ("64 KiB", 64 << 10, 8)):
        total = mebibytes // part
        with temporary_folder() as folder:
            measured = measure(folder, total * MIB // size, size)
        copied = measured["copying the files"]
        limit = measured["copying and SHA-256 twice"]
        show(
            f"Backup of {total} MiB in files of {name}, one run",
            ["", "seconds", "MiB/s", "times copying", "times with SHA-256"],
            [
                [
                    what,
                    f"{took:.2f}",
                    f"{total / took:.0f}",
                    f"{took / copied:.2f}",
                    f"{took / limit:.2f}",
                ]
                for what, took in measured.items()
            ],
        )


if __name__ == "__main__":
    main()

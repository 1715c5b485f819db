"""Reading every copy again and keeping the result, against plain SHA-256 of the same files.

python3 dev.py bench fixity [MEBIBYTES]
"""

import hashlib
import sys
from pathlib import Path

from benchmarks._common import median_seconds, show, temporary_folder
from benchmarks._stored import MIB, filled
from repository.core.runtime import Runtime
from repository.preservation import fixity


def plain(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")


def check(runtime: Runtime) -> None:
    with runtime.work() as work:
        fixity.register_new(work)
    report = fixity.check(runtime, runtime.clock.now())
    assert not report.bad


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 512
    rows = []
    with temporary_folder() as folder:
        for name, size in (("16 MiB", 16 * MIB), ("1 MiB", MIB), ("64 KiB", 64 << 10)):
            total = mebibytes * MIB if size >= MIB else mebibytes * MIB // 8
            runtime = filled(folder / name.replace(" ", ""), count=total // size, size=size)
            limit = median_seconds(lambda r=runtime: plain(r.settings.data_dir / "files"), 3)  # type: ignore[misc]
            ours = median_seconds(lambda r=runtime: check(r), 3)  # type: ignore[misc]
            runtime.close()
            rate = total / MIB
            rows += [
                [f"files of {name}: SHA-256", f"{limit:.2f}", f"{rate / limit:.0f}", "1.0"],
                [
                    f"files of {name}: fixity check",
                    f"{ours:.2f}",
                    f"{rate / ours:.0f}",
                    f"{ours / limit:.1f}",
                ],
            ]
    show("Fixity, median of 3", ["", "seconds", "MiB/s", "times the limit"], rows)


if __name__ == "__main__":
    main()

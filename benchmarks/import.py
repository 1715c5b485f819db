"""Importing data packages, against copying and hashing the same files.

python3 dev.py bench import [FOLDER]
"""

import hashlib
import os
import sys
from pathlib import Path

from benchmarks._common import median_seconds, show, temporary_folder
from repository.accounts.models import Actor
from repository.accounts.services import create_user
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.deposit.cli import importable
from repository.deposit.importing.data_package import DataPackageReader
from repository.deposit.importing.services import import_item
from repository.migrate import upgrade

ROUNDS = 3
SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "owid"


def copy_and_hash(source: Path, target: Path) -> None:
    """Read, hash, write and sync: what must happen to each file whatever the software."""
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(1 << 20):
            digest.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    if not folder.is_dir():
        raise SystemExit("name a folder of data packages")
    packages = list(importable(folder))
    files = [file for package in packages for file in package.iterdir() if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    with temporary_folder() as scratch:
        runs = iter(range(100))

        def limit() -> None:
            target = scratch / f"copy-{next(runs)}"
            target.mkdir()
            for number, file in enumerate(files):
                copy_and_hash(file, target / str(number))

        def take_in() -> None:
            settings = Settings(data_dir=scratch / f"data-{next(runs)}")
            runtime = Runtime.from_settings(settings)
            upgrade(runtime.database)
            with runtime.work() as work:
                user = create_user(
                    work, email="bench@example.org", password="only for a benchmark", name="Bench"
                )
            reader, actor = DataPackageReader(), Actor.of(user)
            for package in packages:
                import_item(runtime, actor, reader.read(package))
            runtime.close()

        least, ours = median_seconds(limit, ROUNDS), median_seconds(take_in, ROUNDS)
    show(
        f"{len(packages)} packages, {len(files)} files, {size / 1e6:.1f} MB, median of {ROUNDS}",
        ["", "seconds", "records/s", "MB/s", "times the limit"],
        [
            [
                "copy, hash and sync (limit)",
                f"{least:.2f}",
                f"{len(packages) / least:.0f}",
                f"{size / least / 1e6:.1f}",
                "1.0",
            ],
            [
                "import and publish",
                f"{ours:.2f}",
                f"{len(packages) / ours:.0f}",
                f"{size / ours / 1e6:.1f}",
                f"{ours / least:.1f}",
            ],
        ],
    )


if __name__ == "__main__":
    main()

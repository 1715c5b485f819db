"""The structure of HDF5 and NetCDF-4 files, read in a process of its own.

The HDF5 library is C and reads what anyone may have written: a crash or a loop there ends that
process and nothing else.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from repository.core.messages import N_
from repository.core.settings import MIB
from repository.previews.base import NOT_WHAT_IT_SAYS, TOO_LARGE, CannotShow, Preview, Source

SECONDS = 20
MAX_COPIED = 512 * MIB
MAX_ANSWER = 4 * MIB
CUT = N_("Only a part of the structure is shown.")


class Hdf:
    name = "structure"

    def knows(self, source: Source) -> bool:
        return source.ending in ("h5", "hdf5", "he5", "nc4", "mat", "h5ad", "loom") and (
            not source.member
        )

    def show(self, source: Source) -> Preview:
        if not source.head(8).startswith(b"\x89HDF"):
            raise CannotShow(NOT_WHAT_IT_SAYS)
        if source.size > MAX_COPIED:
            raise CannotShow(TOO_LARGE)
        with tempfile.NamedTemporaryFile(suffix=".h5") as copy:
            for chunk in source.read(0, source.size):
                copy.write(chunk)
            copy.flush()
            found = json.loads(_read(Path(copy.name)))
        return Preview("structure", found, (CUT,) if found["is_cut"] else ())


def _read(path: Path) -> bytes:
    command = [sys.executable, "-I", str(Path(__file__).with_name("hdf_process.py")), str(path)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, a path of our own making
            command, capture_output=True, timeout=SECONDS, check=True, stdin=subprocess.DEVNULL
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise CannotShow(NOT_WHAT_IT_SAYS) from error
    if len(done.stdout) > MAX_ANSWER:
        raise CannotShow(NOT_WHAT_IT_SAYS)
    return done.stdout

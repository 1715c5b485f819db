"""A real clamd (Debian's `clamav-daemon`) that knows one signature: the EICAR test file's."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.core.clamd import Clamd
from repository.core.errors import Unavailable
from tests.services.process import start

# In two pieces, so that no scanner takes this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
STREAM_MAX = 1 << 20


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address; the socket's path is short, as the kernel wants it."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("clamd is not on this machine (Debian: apt-get install clamav-daemon)")
    folder = tmp_path_factory.mktemp("clamd")
    database = folder / "database"
    database.mkdir()
    digest = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
    (database / "test.hdb").write_text(f"{digest}:{len(EICAR)}:Eicar-Test-Signature\n")
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        address = Path(short, "s")
        config = folder / "clamd.conf"
        config.write_text(
            f"Foreground yes\nDatabaseDirectory {database}\nLocalSocket {address}\n"
            f"TemporaryDirectory {folder}\nStreamMaxLength {STREAM_MAX}\nMaxThreads 2\n"
            + ("User root\n" if os.geteuid() == 0 else "")
        )
        found = Clamd(f"unix:{address}", seconds=30)
        server = start(
            [program, "--config-file", config],
            log=folder / "log",
            ready=lambda _output: _answers(found),
        )
        yield found.address
        server.stop()


def _answers(clamd: Clamd) -> bool:
    try:
        clamd.ping()
    except Unavailable:
        return False
    return True

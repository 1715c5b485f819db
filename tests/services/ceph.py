"""A Ceph of one node with its S3 gateway: what locks objects for real. Optional (CONTRIBUTING.md).

Its programs are taken from the folder REPOSITORY_TEST_CEPH, where Debian's packages were unpacked,
or from the system. Objects are held in memory.
"""

import os
import platform
import secrets
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

from tests.services.process import Server, free_port, start
from tests.services.s3 import S3
from tests.waiting import eventually

CONFIG = """
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{port}
mon initial members = a
mon data = {folder}/mon
mon allow pool size one = true
mon data avail crit = 1
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 1073741824
osd class dir = {libraries}/rados-classes
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
plugin dir = {libraries}/rados-classes
erasure code dir = {libraries}/ceph/erasure-code
run dir = {folder}
admin socket = {folder}/$name.asok
pid file = {folder}/$name.pid
log file = {folder}/$name.log
keyring = {folder}/keyring
rgw data = {folder}
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
"""
_ARCHITECTURE = f"{platform.machine()}-linux-gnu"


@dataclass(frozen=True)
class Programs:
    """Where Ceph's programs and libraries lie, below `root`."""

    root: Path
    config: Path

    @property
    def libraries(self) -> Path:
        return self.root / "usr/lib" / _ARCHITECTURE

    @property
    def environment(self) -> Mapping[str, str]:
        folders = (self.libraries, self.libraries / "ceph", self.root / "lib" / _ARCHITECTURE)
        modules = self.root / "usr/lib/python3/dist-packages"
        return {
            "CEPH_CONF": str(self.config),
            "LD_LIBRARY_PATH": ":".join(map(str, folders)),
            "PYTHONPATH": str(modules),
        }

    def run(self, *command: str | Path) -> None:
        done = subprocess.run(
            [self.root / "usr/bin" / command[0], *command[1:]],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)

    def serve(self, name: str, *arguments: str) -> Server:
        log = self.config.parent / f"{name}.out"
        command: list[str | Path] = [self.root / "usr/bin" / name, *arguments]
        return start(command, log=log, ready=lambda _output: True, env=self.environment)


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    root = Path(os.environ.get("REPOSITORY_TEST_CEPH", "/"))
    if not (root / "usr/bin/radosgw").exists():
        pytest.skip("radosgw is not on this machine (see CONTRIBUTING.md)")
    folder = tmp_path_factory.mktemp("ceph")
    programs = Programs(root, folder / "ceph.conf")
    with ExitStack() as running:
        yield _serving(programs, folder, running)


def _serving(programs: Programs, folder: Path, running: ExitStack) -> S3:
    """A monitor, a daemon for objects, and the gateway with one user."""
    fsid, port, gateway = str(uuid.uuid4()), free_port(), free_port()
    programs.config.write_text(
        CONFIG.format(fsid=fsid, port=port, folder=folder, libraries=programs.libraries)
    )
    keyring, monmap = folder / "keyring", folder / "monmap"
    everything = ("--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *")
    programs.run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.")
    for name in ("mon.", "client.admin", "osd.0"):
        programs.run("ceph-authtool", keyring, "--gen-key", "-n", name, *everything)
    address = f"[v2:127.0.0.1:{port}]"
    programs.run("monmaptool", "--create", "--addv", "a", address, "--fsid", fsid, monmap)
    for name in ("mon", "osd"):
        (folder / name).mkdir()
    programs.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)
    running.callback(programs.serve("ceph-mon", "-i", "a", "-f").stop)
    osd = str(uuid.uuid4())
    programs.run("ceph", "--connect-timeout", "30", "osd", "new", osd)
    programs.run("ceph", "auth", "add", "osd.0", "-i", keyring)
    programs.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
    running.callback(programs.serve("ceph-osd", "-i", "0", "-f").stop)
    key = secrets.token_hex(16)
    user = ("--uid", "test", "--display-name", "Test", "--access-key", "test", "--secret-key", key)
    programs.run("radosgw-admin", "--rgw-cache-enabled=false", "user", "create", *user)
    frontend = ("--rgw-frontends", f"beast endpoint=127.0.0.1:{gateway}")
    running.callback(programs.serve("radosgw", "-n", "client.admin", "-f", *frontend).stop)
    server = S3(f"127.0.0.1:{gateway}", access_key="test", secret_key=key)
    eventually(lambda: _answers(server), timeout=60)
    return server


def _answers(server: S3) -> bool:
    try:
        answer = server.http_client().request("GET", f"http://{server.endpoint}/", retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == 200

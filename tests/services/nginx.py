"""A real nginx (Debian's `nginx`), with the configuration that our documentation shows."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from tests.services.process import free_port, start

MAIN = """
daemon off; worker_processes 1; pid {folder}/pid; error_log stderr; {user}
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {servers}
}}
"""
Serve = Callable[..., str]


def _program() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        pytest.skip("nginx is not on this machine (Debian: apt-get install nginx-light)")
    return found


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Serve]:
    """`serve(servers, {from: to})`: run these server blocks, words in them replaced, and return
    the address of the last one; the port is a free one.
    """
    running, program = [], _program()

    def serve(servers: str, changes: dict[str, str]) -> str:
        port = free_port()
        folder = tmp_path / f"nginx-{port}"
        folder.mkdir()
        for old, new in changes.items():
            assert old in servers, old
            servers = servers.replace(old, new)
        servers = re.sub(r"listen \d+;", f"listen 127.0.0.1:{port};", servers)
        user = "user root;" if os.geteuid() == 0 else ""
        config = folder / "nginx.conf"
        config.write_text(MAIN.format(folder=folder, servers=servers, user=user))
        address = f"http://127.0.0.1:{port}"
        command: list[str | Path] = [program, "-p", folder, "-c", config]
        running.append(start(command, log=folder / "log", ready=lambda _output: answers(address)))
        return address

    yield serve
    for server in running:
        server.stop()


def answers(address: str) -> bool:
    try:
        urllib3.request("GET", address, retries=False, timeout=2, redirect=False)
    except urllib3.exceptions.HTTPError:
        return False
    return True

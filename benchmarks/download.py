"""Files through the repository, alone and behind nginx, against nginx serving the same folder.

python3 dev.py bench download [MEBIBYTES]
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks._common import (
    Served,
    free_port,
    median_seconds,
    served,
    show,
    temporary_folder,
    until_it_answers,
)
from benchmarks.landing import MIB, deposit, fetch, per_second

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log stderr; {user}
events {{ worker_connections 256; }}
http {{
    access_log off; sendfile on; server_tokens off;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        location /static/ {{ alias {files}/; }}
        location /stored/ {{ internal; alias {files}/; }}
        location / {{ proxy_pass {repository}; proxy_set_header Host $http_host; }}
    }}
}}
"""


@contextmanager
def nginx(folder: Path, repository: Served) -> Iterator[str]:
    """In front of the repository, with its files at `/static/` too; the address."""
    folder.mkdir()
    port, configuration = free_port(), folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    files = repository.data_dir / "files"
    told = {"folder": folder, "port": port, "files": files, "user": user}
    configuration.write_text(CONFIGURATION.format(repository=repository.base_url, **told))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-p", folder, "-c", configuration])
    try:
        until_it_answers(f"http://127.0.0.1:{port}/health/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def main(mebibytes: int) -> None:
    rows = []
    with temporary_folder() as folder:
        folder.chmod(0o755)
        record = deposit(folder, mebibytes)
        stored = sorted(
            (folder / "data/files/sha256").glob("*/*/*"), key=lambda p: p.stat().st_size
        )
        places = [path.relative_to(folder / "data/files") for path in stored]
        names = ("small.bin", "large.bin")
        with (
            served(folder / "data", accel_prefix="/stored") as behind,
            nginx(folder / "nginx", behind) as front,
        ):
            for name, place in zip(names, places, strict=True):
                rows.append((f"{name}: nginx, static (limit)", f"{front}/static/{place}"))
                address = f"{front}/records/{record}/files/{name}"
                rows.append((f"{name}: repository behind nginx", address))
            measured = [(name, *rates(address)) for name, address in rows]
        with served(folder / "data") as alone:
            for name in names:
                address = f"{alone.base_url}/records/{record}/files/{name}"
                measured.append((f"{name}: repository alone", *rates(address)))
    show(
        f"Downloads: small.bin of 1 KiB, large.bin of {mebibytes} MiB",
        ["", "MiB/s, one client", "requests/s, 4 clients"],
        [
            [name, f"{size / MIB / took:,.0f}", f"{rate:,.0f}"]
            for name, size, took, rate in sorted(measured)
        ],
    )


def rates(address: str) -> tuple[int, float, float]:
    """Bytes, the median of seconds for one after the other, and requests a second of four."""
    size = fetch(address)
    return size, median_seconds(lambda: fetch(address)), per_second(address)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 256)

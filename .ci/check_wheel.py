"""Build the wheel, install it where nothing else is, and see it start and serve a page.

A checkout finds its templates and migrations beside the package; only this shows that a wheel
carries them. Run it with the Python that `dev.py` runs with, one that has pip.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
import dev  # noqa: E402 - found through the line above

DEADLINE = 90  # seconds for the first answer, on however slow a machine
WHERE = """
from repository.core.paths import migrations_dir, templates_dir
assert (templates_dir() / "base.html").is_file(), templates_dir()
assert (migrations_dir() / "env.py").is_file(), migrations_dir()
print(templates_dir().parent)
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="wheel-") as name:
        folder = Path(name)
        venv = folder / "venv"
        run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT)
        run(sys.executable, "-m", "venv", "--without-pip", venv)
        install = dev.installer(venv)
        run(*install, "--require-hashes", "-r", ROOT / "requirements.lock")
        run(*install, "--no-deps", *folder.glob("*.whl"))
        carried = run(venv / "bin" / "python", "-I", "-c", WHERE, cwd=folder)
        if not Path(carried.strip()).is_relative_to(venv):
            sys.exit(f"the templates come from {carried}, not from the wheel")
        serve_and_fetch(venv, folder)
    print("the wheel starts in an empty environment and serves a page")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command}\n{done.stdout}{done.stderr}")
    return done.stdout


def serve_and_fetch(venv: Path, folder: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "REPOSITORY_DATA_DIR": str(folder / "data"),
        "REPOSITORY_BASE_URL": address,
        "REPOSITORY_SECRET_KEY": "only for this check of the wheel, and long enough",
    }
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [venv / "bin" / "repository", "serve", "--port", str(port)],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        fetch_when_ready(server, f"{address}/health/live")
        page = fetch(f"{address}/")
        if "</html>" not in page:
            sys.exit(f"the front page is no page: {page[:500]}")
        server.send_signal(signal.SIGINT)
        if server.wait(30) != 0:
            sys.exit(f"Ctrl-C ended it with {server.returncode}")
    except BaseException:
        print(log.read_text(errors="replace"), file=sys.stderr)
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def fetch_when_ready(server: "subprocess.Popen[bytes]", url: str) -> str:
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            return fetch(url)
        except OSError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"no answer from {url}: {error}")
        time.sleep(0.1)


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        body: bytes = answer.read(1 << 20)
    return body.decode()


if __name__ == "__main__":
    main()

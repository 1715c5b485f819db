"""The README's tour, run as it stands there: against a demo of its own, from another folder."""

import re
import subprocess
import sys
from pathlib import Path

from tests.test_cli import environment, fetch, free_port, running
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()


def tour() -> str:
    found = re.search(r"<!-- tour:.*?-->\n```\n(.*?)```", README, re.DOTALL)
    assert found
    return found[1]


def test_the_tour_deposits_and_publishes(tmp_path: Path) -> None:
    port = free_port()
    script = tour().replace("python3 dev.py repository", f"{sys.executable} -m repository.cli")
    script = script.replace("127.0.0.1:5000", f"127.0.0.1:{port}")
    assert script.count("\n") <= 8
    with running("demo", tmp_path, port):
        eventually(lambda: fetch(port, "/health/ready")["status"] == "ok", timeout=120)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script + "\necho; echo $ID"],
            cwd=ROOT,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        record = done.stdout.strip().splitlines()[-1]
        assert fetch(port, f"/api/records/{record}")["metadata"]["title"] == "Nhiệt độ Hà Nội"


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target

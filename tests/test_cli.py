"""The command line: what it says when it cannot start, and a whole demo from start to Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import psutil
import pytest
from click.testing import CliRunner
from sqlalchemy import update

from repository.accounts.models import Role
from repository.cli import CAPABILITY_OF, main
from repository.core.capabilities import import_each
from repository.core.clock import FixedClock
from repository.core.jobs import Job
from repository.core.runtime import Runtime
from tests.runtimes import SECRET_KEY
from tests.waiting import eventually
from tests.webapp import make_user


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("REPOSITORY_")}
    named = {f"REPOSITORY_{name.upper()}": value for name, value in settings.items()}
    return {**kept, "REPOSITORY_DATA_DIR": str(data_dir), **named}


def command(data_dir: Path, *args: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "repository.cli", *args],
        env=environment(data_dir, **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_every_command_is_found_where_it_is_offered() -> None:
    offered = {
        command.name: module.__name__.split(".")[1]
        for module in import_each("cli")
        for command in module.commands
    }
    assert offered == CAPABILITY_OF
    context = click.Context(main)
    named = {name: main.get_command(context, name) for name in main.list_commands(context)}
    assert all(command and command.name == name for name, command in named.items())
    assert named.keys() > offered.keys()


def test_a_command_waits_for_no_library_of_others() -> None:
    program = "import sys, repository.cli; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    imported = set(subprocess.check_output(command, text=True).split())
    assert "repository.cli" in imported
    assert not imported & {"alembic", "celery", "duckdb", "flask", "idutils", "lxml", "minio"}


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = one_line(command(tmp_path, "serve", "--port", port, secret_key=SECRET_KEY))
    assert f"Cannot listen on 127.0.0.1:{port}" in said
    assert "--port" in said


def test_a_data_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    said = one_line(command(tmp_path / "file", "upgrade"))
    assert f"Cannot write to the data folder {tmp_path / 'file'}" in said


def test_a_database_that_is_away(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none"
    assert "The database cannot be used" in one_line(command(tmp_path, "upgrade", database_url=url))


def test_a_setting_that_makes_no_sense(tmp_path: Path) -> None:
    assert "REPOSITORY_WEB_THREADS" in one_line(command(tmp_path, "upgrade", web_threads="many"))


def test_serve_refuses_the_demo_secret_and_short_ones(tmp_path: Path) -> None:
    port = str(free_port())
    assert "REPOSITORY_SECRET_KEY" in one_line(command(tmp_path, "serve", "--port", port))
    short = one_line(command(tmp_path, "serve", "--port", port, secret_key="short"))
    assert "shorter than 32" in short


def test_a_demo_is_for_this_machine_only(tmp_path: Path) -> None:
    assert "127.0.0.1 only" in one_line(command(tmp_path, "demo", "--host", "0.0.0.0"))


def test_user_and_token_are_alone_on_the_last_line(tmp_path: Path) -> None:
    email, password = "an@example.org", "a long enough sentence"
    made = command(tmp_path, "user", "create", "--email", email, "--password", password,
                   "--role", "researcher")  # fmt: skip
    assert made.stdout.strip().splitlines()[-1] == email
    token = command(tmp_path, "token", "create", "--email", email, "--scopes", "user:read")
    assert len(token.stdout.strip().splitlines()[-1].split()) == 1


def test_doctor_says_what_is_wrong(runtime: Runtime, clock: FixedClock) -> None:
    def ask() -> tuple[int, str]:
        result = CliRunner().invoke(main, ["doctor"], obj=lambda: runtime)
        return result.exit_code, result.stdout

    assert ask() == (0, "Everything is as it should be.\n")
    with runtime.work() as work:
        work.enqueue("feed.follow", "feed.follow", {})
    clock.advance(timedelta(hours=2))
    code, said = ask()
    assert code == 1
    assert "Jobs: 1 are due for more than an hour" in said
    with runtime.work() as work:
        work.session.execute(update(Job).values(state="failed", last_error="OSError: no disk"))
    assert "feed.follow was set aside after 0 attempts: OSError: no disk" in ask()[1]


@contextmanager
def running(
    command: str, data_dir: Path, port: int, **settings: str
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "repository.cli", command, "--port", str(port)],
        env=environment(data_dir, web_workers="1", **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def fetch(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def everyone(process: subprocess.Popen[str]) -> list[psutil.Process]:
    root = psutil.Process(process.pid)
    return [root, *root.children(recursive=True)]


def test_a_demo_starts_keeps_its_data_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    for _ in range(2):
        with running("demo", tmp_path, port) as process:
            eventually(lambda: fetch(port, "/health/ready")["status"] == "ok", timeout=120)
            total = eventually(lambda: fetch(port, "/api/records")["hits"]["total"], timeout=60)
            eventually(lambda: fetch(port, "/api/records")["hits"]["total"] == 40, timeout=60)
            assert total <= 40
            family = everyone(process)
            os.killpg(process.pid, signal.SIGINT)
            said = process.communicate(timeout=60)[0]
            assert process.returncode == 0
            assert "admin@example.org" in said
            assert psutil.wait_procs(family, timeout=30)[1] == []
    assert "demo password" in one_line(
        command(tmp_path, "serve", "--port", str(port), secret_key=SECRET_KEY)
    )


def long_addresses_are_refused_in_our_words(port: int) -> None:
    """Asked of gunicorn itself, which would give a page of its own for them."""
    for path, accept, kind, said in (
        ("/api/records?q=", "*/*", "application/problem+json", "problems/address-too-long"),
        ("/search?q=", "text/html", "text/html", "Địa chỉ quá dài"),
    ):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}{'a' * 40_000}",
            headers={"Accept": accept},
        )
        with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(request):
            pass
        with refused.value as told:
            assert (told.code, told.headers.get_content_type()) == (414, kind)
            assert said in told.read().decode()


def test_nothing_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    port = free_port()
    with running("serve", tmp_path, port, secret_key=SECRET_KEY) as process:
        eventually(lambda: fetch(port, "/health/ready")["status"] == "ok", timeout=120)
        family = everyone(process)
        assert len(family) >= 4
        long_addresses_are_refused_in_our_words(port)
        process.kill()
        assert psutil.wait_procs(family, timeout=60)[1] == []


def test_a_runner_that_dies_is_started_again(tmp_path: Path) -> None:
    port = free_port()
    with running("serve", tmp_path, port, secret_key=SECRET_KEY) as process:
        eventually(lambda: fetch(port, "/health/ready")["status"] == "ok", timeout=120)
        children = psutil.Process(process.pid).children()
        for child in children:
            child.kill()
        assert psutil.wait_procs(children, timeout=30)[1] == []
        eventually(lambda: len(psutil.Process(process.pid).children()) >= 2, timeout=60)
        eventually(lambda: fetch(port, "/health/ready")["status"] == "ok", timeout=60)


def test_import_of_a_role_that_nobody_has(runtime: Runtime, tmp_path: Path) -> None:
    make_user(runtime, role=Role.RESEARCHER)
    result = CliRunner().invoke(main, ["import", str(tmp_path)], obj=lambda: runtime)
    assert result.exit_code == 1
    assert "repository user create" in result.stderr

#!/usr/bin/env python3
"""Set up `.venv` from the lock files, then run the project in it: `python3 dev.py --help`.

Standard library only, and old syntax, so that any Python can say what it lacks.
"""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

USAGE = """usage: python3 dev.py COMMAND

  run [ARGS]           start a repository with sample data (arguments of `repository demo`)
  test [ARGS]          run the test suite, on every core; or with arguments of pytest
  repository ARGS      the command line of the repository
  bench NAME [ARGS]    one benchmark out of benchmarks/"""
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
OUTSIDE = ROOT / ".venv-outside"  # tools that the tests ask, whose parts would quarrel with ours
PYTHON = BIN / "python"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PROGRAMS = {  # and Debian's packages of them
    "nginx": "nginx-light",
    "clamd": "clamav-daemon",
    "restic": "restic",
    "age": "age",
}


def main(args):
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        stop("Python 3.11 to 3.13 is needed; this is %d.%d" % sys.version_info[:2])
    if not args or args[0] in ("-h", "--help"):
        stop(USAGE, status=0 if args else 2)
    command, rest = args[0], args[1:]
    # Without its bytecode kept, every process would spend seconds on compiling the packages anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if command in ("run", "repository"):
        prepare(tests=False)
        os.environ.setdefault("REPOSITORY_DATA_DIR", str(ROOT / "data"))
        start(BIN / "repository", *(["demo"] if command == "run" else []), *rest)
    elif command == "test":
        prepare(tests=True)
        prepare_outside()
        install_programs()
        os.chdir(ROOT)
        every = ["-n", str(os.cpu_count() or 1), "--dist", "worksteal"]
        start(PYTHON, "-m", "pytest", *(rest or every))
    elif command == "bench":
        names = sorted(p.stem for p in (ROOT / "benchmarks").glob("[a-z]*.py"))
        if not rest or rest[0] not in names:
            stop(
                "bench takes the name of a benchmark: " + (", ".join(names) or "there is none yet")
            )
        prepare(tests=True)
        os.chdir(ROOT)
        start(PYTHON, "-m", "benchmarks." + rest[0], *rest[1:])
    else:
        stop("no such command: " + command + "\n" + USAGE, status=2)


def prepare(tests):
    """Install what the locks name, unless a stamp in `.venv` says that it was done."""
    wanted = [ROOT / "requirements.lock"] + ([ROOT / "requirements-dev.lock"] if tests else [])
    inputs = [sys.version, (ROOT / "pyproject.toml").read_text(), str(ROOT)]
    stamps = {VENV / lock.name: digest(inputs + [lock.read_text()]) for lock in wanted}
    missing = [stamp for stamp, value in stamps.items() if not holds(stamp, value)]
    if not missing:
        return
    say("installing into .venv (a minute or two the first time)")
    if wanted[0].name in [stamp.name for stamp in missing]:
        call([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)])
    install = installer(VENV)
    for stamp in stamps:
        call(install + ["--require-hashes", "-r", str(ROOT / stamp.name)])
    call(install + ["--no-deps", "-e", str(ROOT)])
    for stamp, value in stamps.items():
        stamp.write_text(value)


def prepare_outside():
    """An environment of what the tests run from outside, in `.venv-outside`."""
    lock = ROOT / "requirements-outside.lock"
    stamp, value = OUTSIDE / lock.name, digest([sys.version, lock.read_text(), str(ROOT)])
    if holds(stamp, value):
        return
    say("installing into .venv-outside what the tests run beside the project")
    call([sys.executable, "-m", "venv", "--clear", "--without-pip", str(OUTSIDE)])
    call(installer(OUTSIDE) + ["--no-deps", "--require-hashes", "-r", str(lock)])
    stamp.write_text(value)


def installer(venv):
    """The command that installs into `venv`: uv, unpacked there by pip, else pip itself.

    uv needs seconds where pip needs minutes.
    """
    python = str(venv / "bin" / "python")
    pip = [sys.executable, "-m", "pip"]
    unpack = pip + ["install", "-q", "--target", str(venv / "uv"), "uv>=0.9,<1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if subprocess.run(unpack, **quiet).returncode != 0:
        return pip + ["--python", python, "install", "-q"]
    os.environ["UV_SYSTEM_CERTS"] = "1"
    uv = str(venv / "uv" / "bin" / "uv")
    return [uv, "pip", "install", "-q", "--python", python] + pip_settings()


def pip_settings():
    """Pip's index settings as options of uv, which does not read them itself."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    config = {}
    for section in ("global.", "install.", ":env:."):  # from the weakest to the strongest
        for line in listed.stdout.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(section):
                config[name[len(section) :]] = str(ast.literal_eval(value)).split()
    if "cert" in config:
        os.environ.setdefault("SSL_CERT_FILE", config["cert"][0])
    options = ["--no-index"] if config.get("no-index") in (["1"], ["true"]) else []
    for name in ("index-url", "extra-index-url", "find-links"):
        for value in config.get(name, []):
            options += ["--" + name, value]
    for host in config.get("trusted-host", []):
        options += ["--allow-insecure-host", host]
    if "extra-index-url" in config:  # pip takes the best version of all indexes, uv the first index
        options += ["--index-strategy", "unsafe-best-match"]
    return options


def install_programs():
    """What no Python package carries. Without Chromium nothing is tested; the tests of a program
    that is missing are skipped, and say so.
    """
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    wanted = [package for name, package in PROGRAMS.items() if not shutil.which(name, path=path)]
    if not any(shutil.which(name) for name in BROWSERS):
        wanted += ["chromium", "fonts-dejavu-core"]
    if not wanted:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        if "chromium" in wanted:
            stop("the browser tests need Chromium: install it (Debian: apt-get install chromium)")
        say("some tests are skipped without (Debian: apt-get install) " + " ".join(wanted))
        return
    say("installing for the tests: " + " ".join(wanted))
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    os.environ["RUNLEVEL"] = "1"  # the tests start servers of their own; Debian need not
    call(["apt-get", "update", "-qq"])
    call(["apt-get", "install", "-qq", "--no-install-recommends"] + wanted)


def call(command):
    """Run a step of the installation; of a failed one, show the lines that say why."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        lines = [line for line in lines if not line.startswith("hint:")] or [" ".join(command)]
        said = [line for line in lines if line.lower().startswith(("error", "e: "))] or lines[:1]
        stop("could not install: " + " / ".join(dict.fromkeys([said[0], lines[-1]])))


def start(program, *args):
    """Become `program`, so that signals and the exit code are its own."""
    os.execv(str(program), [str(program)] + list(args))


def digest(parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def holds(path, text):
    return path.is_file() and path.read_text() == text


def say(text):
    print("dev.py: " + text, file=sys.stderr, flush=True)


def stop(text, status=1):
    print(text if text == USAGE else "dev.py: " + text, file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)

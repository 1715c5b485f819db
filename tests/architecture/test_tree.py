"""Habits that hold for every file."""

import ast
import re

from tests.architecture.tracked import ROOT, tracked
from tests.longest import LONGEST, TESTS

MAX_LINES = 400
SAMPLES = ":!repository/sample/records"  # deposits, code among them: data to us
OURS = ("*.py", "*.html", "*.css", "*.js", SAMPLES)
# Written in parts, so that this file does not hold what it looks for.
FOREIGN = [
    re.compile(pattern)
    for pattern in (
        r"\bpypi\." + r"org",
        r"python" + r"hosted\.org",
        r"registry\." + r"npmjs",
        r"(?<![\w.-])/(work|opt|root)/" + r"\w",
        r"/tmp/" + r"[a-z]",
        r"\.pyenv" + r"/",
    )
]


def _is_vendored(name: str) -> bool:
    return "/vendor/" in name


def test_every_file_fits_in_one_mind() -> None:
    long = {
        name: lines
        for path in tracked(*OURS)
        if not _is_vendored(name := str(path.relative_to(ROOT)))
        and (lines := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert not long, f"over {MAX_LINES} lines: {long}"


def test_every_module_says_what_it_is_for() -> None:
    modules = tracked("*.py", ":!tests", SAMPLES)
    silent = [
        str(path.relative_to(ROOT))
        for path in modules
        if ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert not silent


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = []
    for path in tracked():
        name = str(path.relative_to(ROOT))
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if not _is_vendored(name):
            found += [f"{name}: {m[0]}" for p in FOREIGN for m in p.finditer(text)]
    assert not found


def test_locks_pin_hashes_and_no_address() -> None:
    for path in tracked("requirements*.lock"):
        lines = path.read_text().splitlines()
        pins = [number for number, line in enumerate(lines) if re.match(r"[\w.-]+", line)]
        assert pins
        for number in pins:
            assert "==" in lines[number]
            assert "--hash=sha256:" in lines[number + 1], lines[number]
        settings = [line for line in lines if line.startswith("-") or "://" in line]
        assert not settings


def test_the_longest_tests_are_found_by_their_names() -> None:
    assert [name for name in LONGEST if not (TESTS / name).is_file()] == []

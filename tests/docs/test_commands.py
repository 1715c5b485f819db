"""Every `repository` command that the documentation shows exists, with those options."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from repository.cli import main

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|[($]|&& )(?:python3 dev\.py )?repository ([a-z][^\n|)]*)", re.MULTILINE)


def shown() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in FENCED.findall(page.read_text()):
            for command in COMMAND.findall(block.replace("\\\n", " ")):
                yield page.relative_to(ROOT).as_posix(), command


@pytest.mark.parametrize(("page", "command"), sorted(set(shown())))
def test_it_can_be_typed(page: str, command: str) -> None:
    """Parsed as when it is run, down to the last option; paths need not exist."""
    words = [word for word in shlex.split(command, comments=True) if word not in ("…", "...")]
    group: click.Command = main
    context = click.Context(main, info_name="repository")
    while isinstance(group, click.Group):
        found = group.get_command(context, words[0]) if words else None
        assert found is not None, f"{page}: no such command in: {command}"
        group, words = found, words[1:]
        context = click.Context(group, context, info_name=group.name)
    options = {name for p in group.params for name in (*p.opts, *p.secondary_opts)} | {"--help"}
    used = {word.split("=")[0] for word in words if word.startswith("--")}
    assert used <= options, f"{page}: {used - options} in: {command}"

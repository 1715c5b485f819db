"""`repository store`: what the store of files really does."""

import sys

import click

from repository.core.commands import with_runtime
from repository.core.runtime import Runtime
from storage.probe import FAILED, probe


@click.group()
def store() -> None:
    """The store that files are in."""


@store.command("probe")
@with_runtime
def probe_store(runtime: Runtime) -> None:
    """Try what the store says it does. Exit code 1 where the repository cannot do without.

    Leaves an S3 store as it was but for an object of one byte, locked for two minutes.
    """
    found = list(probe(runtime.store))
    for each in found:
        click.echo(f"{each.what}: {each.verdict}" + (f" ({each.detail})" if each.detail else ""))
    sys.exit(1 if any(each.verdict == FAILED for each in found) else 0)

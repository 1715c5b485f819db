"""Commands for the audit log."""

from pathlib import Path

import click
from pydantic import SecretStr

from repository.audit import chain
from repository.core.commands import with_runtime
from repository.core.runtime import Runtime


@click.group()
def audit() -> None:
    """The log of who did what."""


@audit.command()
@click.option(
    "--head", default="", help="A head (NUMBER:MAC) noted earlier: it must still be there."
)
@click.option(
    "--former-keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with REPOSITORY_SECRET_KEY's earlier values, one a line.",
)
@with_runtime
def verify(runtime: Runtime, head: str, former_keys: Path | None) -> None:
    """Check that no event was changed, taken out or put in; exit code 1 when one was.

    The last line is the log's head. Keep it elsewhere: it proves later that nothing was cut off.
    """
    lines = former_keys.read_text().splitlines() if former_keys else []
    with runtime.read() as work:
        found = chain.verify(work, [SecretStr(line) for line in lines if line], head.strip())
    if found.unchained:
        click.echo(f"{found.unchained} events are older than the chain and cannot be checked.")
    click.echo(f"{found.seq} events are as they were written.")
    click.echo(found)


commands = (audit,)

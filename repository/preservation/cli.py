"""`repository fixity`, `repository backup`, `repository store`."""

import sys

import click

from repository.core.commands import with_runtime
from repository.core.runtime import Runtime
from repository.preservation import fixity
from repository.preservation.backup_cli import backup
from repository.preservation.progress import progress_of, total_bytes
from repository.preservation.services import failures
from repository.preservation.store_cli import store


@click.command("fixity")
@click.option("--all", "everything", is_flag=True, help="Also what was checked not long ago.")
@with_runtime
def fixity_command(runtime: Runtime, everything: bool) -> None:
    """Read copies again and compare their SHA-256; put bad ones right from good ones.

    Without --all: those never checked, or not within the interval of their place. Exit code 1 when
    a copy is bad and no good one was found.
    """
    with runtime.work() as work:
        fixity.register_new(work)
    with progress_of("Reading", total_bytes(runtime)) as tell:
        report = (
            fixity.check(runtime, runtime.clock.now(), progress=tell)
            if everything
            else fixity.check_due(runtime, tell)
        )
    with runtime.read() as work:
        bad = failures(work)
    for copy in bad:
        click.echo(f"bad: {copy.sha256} in the {copy.place}")
    click.echo(
        f"{report.checked} copies checked, {report.bytes} bytes, {report.repaired} repaired, "
        f"{len(bad)} bad"
    )
    sys.exit(1 if bad else 0)


commands = (fixity_command, backup, store)

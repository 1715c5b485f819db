"""`repository backup run|list|verify|prune|drill`."""

import sys

import click

from repository.core.commands import with_runtime
from repository.core.runtime import Runtime
from repository.preservation import backup as backups
from repository.preservation import manifest as manifests
from repository.preservation.drill import drill as try_restore
from repository.preservation.places import target_for_reading, target_for_writing
from repository.preservation.policies import current
from repository.preservation.progress import progress_of, total_bytes


@click.group()
def backup() -> None:
    """Copies in the folder REPOSITORY_BACKUP_TARGET, and proof that they are good."""


@backup.command()
@with_runtime
def run(runtime: Runtime) -> None:
    """Make a backup now; what is there already is not copied again.

    Prints its id alone on the last line. Exit code 1 when an original was lost.
    """
    with progress_of("Copying", total_bytes(runtime)) as tell:
        made = backups.run(runtime, tell)
    contents = made.manifest.contents
    for bad in made.progress.bad:
        click.echo(f"not copied: {bad}", err=True)
    click.echo(
        f"{contents.count} contents, {contents.bytes} bytes, {made.progress.bytes} bytes copied "
        f"now, {contents.missing} missing"
    )
    click.echo(made.manifest.id)
    sys.exit(1 if contents.missing or made.progress.bad else 0)


@backup.command("list")
@with_runtime
def list_backups(runtime: Runtime) -> None:
    """Complete backups, newest first: id, moment, contents, bytes, policy."""
    for found in manifests.backups(target_for_reading(runtime.settings.backup_target)):
        moment = found.created_at.isoformat(timespec="seconds")
        contents = found.contents
        told = (found.id, moment, str(contents.count), str(contents.bytes), found.policy)
        click.echo("\t".join(told))


@backup.command()
@click.argument("backup_id", required=False)
@with_runtime
def verify(runtime: Runtime, backup_id: str | None) -> None:
    """Read every byte of a backup (the newest, if none is named) and compare its SHA-256.

    Exit code 1 when anything is not as the manifest says.
    """
    target = target_for_reading(runtime.settings.backup_target)
    manifest = manifests.read(target, backup_id) if backup_id else manifests.newest(target)
    with progress_of("Reading", manifest.contents.bytes) as tell:
        found = backups.verify(target, manifest, tell)
    for problem in found.problems:
        click.echo(problem)
    click.echo(
        f"{manifest.id}: {found.contents} contents, {found.bytes} bytes, {found.objects} objects, "
        f"{len(found.problems)} problems"
    )
    sys.exit(1 if found.problems else 0)


@backup.command()
@with_runtime
def prune(runtime: Runtime) -> None:
    """Delete the backups that the policy no longer keeps, and what only they hold."""
    target = target_for_writing(runtime.settings)
    with runtime.read() as work:
        terms = current(work).terms
    gone, contents = backups.prune(runtime, target, terms)
    for backup_id in gone:
        click.echo(backup_id)
    click.echo(f"{len(gone)} backups and {contents} contents deleted")


@backup.command()
@with_runtime
def drill(runtime: Runtime) -> None:
    """Restore the newest backup into an empty temporary place and compare all of it.

    Exit code 1 when it is not whole, or when a promise of the policy was not kept.
    """
    with progress_of("Restoring", total_bytes(runtime)) as tell:
        figures = try_restore(runtime, tell).figures
    click.echo(
        f"{figures['contents']} contents, {figures['bytes']} bytes, {figures['rows']} rows in "
        f"{figures['tables']} tables are equal"
    )
    click.echo(f"RPO {figures['rpo']} h, promised {figures['promised_rpo']} h")
    click.echo(f"RTO {figures['rto']} h, promised {figures['promised_rto']} h")
    sys.exit(0 if figures["kept"] else 1)

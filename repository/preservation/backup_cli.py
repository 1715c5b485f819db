"""`repository backup run|list|verify|prune|drill|key|sites|policies`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from repository.core.commands import with_runtime
from repository.core.errors import NotFound, RepositoryError
from repository.core.runtime import Runtime
from repository.preservation import backup as backups
from repository.preservation import manifest as manifests
from repository.preservation.drill import drill as try_restore
from repository.preservation.places import open_for_reading, open_for_writing
from repository.preservation.policies import Duty, wanted
from repository.preservation.policy_cli import policies, sites
from repository.preservation.progress import progress_of, total_bytes
from repository.preservation.pruning import prune as let_go
from storage.backup.encrypted import new_key
from storage.backup.targets import Target
from storage.base import StorageError


@click.group()
def backup() -> None:
    """Copies at other places, and proof that they are good."""


backup.add_command(sites)
backup.add_command(policies)


def _of_duties(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--policy", default="", help="This policy alone."),
        click.option("--site", default="", help="This site alone."),
    ):
        function = option(function)
    return function


def _duties(runtime: Runtime, policy: str, site: str) -> list[Duty]:
    with runtime.read() as work:
        return wanted(work, policy, site)


@backup.command()
@_of_duties
@with_runtime
def run(runtime: Runtime, policy: str, site: str) -> None:
    """Make a backup now at each site; what is there already is not copied again.

    Prints the id of each, the last one alone on the last line. Exit code 1 when an original was
    lost.
    """
    complete = True
    for duty in _duties(runtime, policy, site):
        with progress_of(f"Copying ({duty.label})", total_bytes(runtime)) as tell:
            made = backups.run(runtime, tell, duty)
        contents = made.manifest.contents
        for bad in made.progress.bad:
            click.echo(f"not copied: {bad}", err=True)
        click.echo(
            f"{duty.label}: {contents.count} contents, {contents.bytes} bytes, "
            f"{made.progress.bytes} bytes copied now, {contents.missing} missing"
        )
        click.echo(made.manifest.id)
        complete = complete and not (contents.missing or made.progress.bad)
    sys.exit(0 if complete else 1)


@backup.command("list")
@click.option("--site", default="", help="This site alone.")
@with_runtime
def list_backups(runtime: Runtime, site: str) -> None:
    """Complete backups, newest first: id, moment, contents, bytes, policy, site."""
    places = {duty.site.name: duty.site for duty in _duties(runtime, "", site)}
    for place in places.values():
        for found in manifests.backups(open_for_reading(runtime.settings, place)):
            moment = found.created_at.isoformat(timespec="seconds")
            contents = found.contents
            told: tuple[Any, ...] = (found.id, moment, contents.count, contents.bytes)
            click.echo("\t".join(map(str, (*told, found.policy, place.name))))


@backup.command()
@click.argument("backup_id", required=False)
@_of_duties
@with_runtime
def verify(runtime: Runtime, backup_id: str | None, policy: str, site: str) -> None:
    """Read every byte of a backup (the newest of each, if none is named) and compare its SHA-256.

    One that is named is looked for at each site. Exit code 1 when anything is not as the manifest
    says, when it is nowhere, or when a site cannot be read.
    """
    duties = _duties(runtime, policy, site)
    if backup_id:  # a site is looked at once, however many policies keep copies there
        duties = list({duty.site.name: duty for duty in duties}.values())
    good, seen = True, False
    for duty in duties:
        name = duty.site.name if backup_id else duty.label
        try:
            target = open_for_reading(runtime.settings, duty.site)
            manifest = _named(target, backup_id, duty)
            if manifest is None:
                click.echo(f"{name}: {backup_id} is not here")
                continue
            seen = True
            good = _verified(target, manifest, name) and good
        except (RepositoryError, StorageError) as error:
            click.echo(f"{name}: {error}", err=True)
            good = False
    sys.exit(0 if good and seen else 1)


def _named(target: Target, backup_id: str | None, duty: Duty) -> manifests.Manifest | None:
    """The one that is asked for, None where it is at another site; else the newest."""
    if not backup_id:
        return manifests.newest(target, policy=duty.policy.name)
    try:
        return manifests.read(target, backup_id)
    except NotFound:
        return None


def _verified(target: Target, manifest: manifests.Manifest, name: str) -> bool:
    with progress_of(f"Reading ({name})", manifest.contents.bytes) as tell:
        found = backups.verify(target, manifest, tell)
    for problem in found.problems:
        click.echo(f"{name}: {problem}")
    click.echo(
        f"{name}: {manifest.id}: {found.contents} contents, {found.bytes} bytes, {found.objects} "
        f"objects, {len(found.problems)} problems"
    )
    return not found.problems


@backup.command()
@_of_duties
@with_runtime
def prune(runtime: Runtime, policy: str, site: str) -> None:
    """Delete the backups that the policies no longer keep, and what only they hold."""
    for duty in _duties(runtime, policy, site):
        target = open_for_writing(runtime, duty)
        gone, contents = let_go(runtime, target, duty.policy.terms, duty.policy.name)
        for backup_id in gone:
            click.echo(backup_id)
        click.echo(f"{duty.label}: {len(gone)} backups and {contents} contents deleted")


@backup.command()
@_of_duties
@with_runtime
def drill(runtime: Runtime, policy: str, site: str) -> None:
    """Restore the newest backup of each into an empty temporary place and compare all of it.

    Exit code 1 when one is not whole, or when a promise of the policy was not kept.
    """
    kept = True
    for duty in _duties(runtime, policy, site):
        if not duty.policy.terms.database:
            continue
        with progress_of(f"Restoring ({duty.label})", total_bytes(runtime)) as tell:
            figures = try_restore(runtime, tell, duty).figures
        click.echo(
            f"{duty.label}: {figures['contents']} contents, {figures['bytes']} bytes, "
            f"{figures['rows']} rows in {figures['tables']} tables are equal"
        )
        click.echo(f"RPO {figures['rpo']} h, promised {figures['promised_rpo']} h")
        click.echo(f"RTO {figures['rto']} h, promised {figures['promised_rto']} h")
        kept = kept and figures["kept"]
    sys.exit(0 if kept else 1)


@backup.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def key(file: Path) -> None:
    """Make a key that backups are encrypted to, in a new file; prints its public part.

    Keep a copy of the file in a safe, away from the backups: without it nobody can read them.
    """
    try:
        click.echo(new_key(file))
    except FileExistsError as error:
        raise click.ClickException(f"{file} exists; a key is never overwritten.") from error
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error

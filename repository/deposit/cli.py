"""`repository import`, and the commands of files beside it."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select

from repository.accounts.models import Actor, Role, User
from repository.core.commands import with_runtime
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.deposit.importing.base import CannotImport, Reader
from repository.deposit.importing.data_package import DESCRIPTOR, DataPackageReader
from repository.deposit.importing.datacite import READERS, DataCiteReader
from repository.deposit.importing.services import import_item
from repository.deposit.owners_cli import hand_over
from repository.deposit.scan_cli import scan

ALL_READERS: tuple[Reader, ...] = (DataPackageReader(), DataCiteReader())
SUMMARY = ("created", "updated", "unchanged", "failed")


def importable(path: Path) -> Iterator[Path]:
    """What there is to import at a path: itself, or what lies in its folders."""
    if any(reader.reads(path) for reader in ALL_READERS):
        yield path
    elif path.is_dir():
        for child in sorted(path.iterdir()):
            if child.is_dir() or child.suffix.lower() in READERS:
                yield from importable(child)
    else:
        yield path


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--owner", help="E-mail of the user who will own the records; else the first admin.")
@with_runtime
def import_command(runtime: Runtime, paths: tuple[Path, ...], owner: str | None) -> None:
    """Import data packages (folders with datapackage.json) and DataCite XML or JSON.

    Running it again makes nothing twice. Exit code 1 when any item could not be taken.
    """
    actor = _owner(runtime, owner)
    items = [item for path in paths for item in importable(path)]
    counts: Counter[str] = Counter()
    seen: dict[str, Path] = {}
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        for path in progress.track(items, description="Importing"):
            try:
                counts[_import_one(runtime, actor, path, seen)] += 1
            except CannotImport as error:
                counts["failed"] += 1
                console.print(f"{path}: {error}", markup=False, highlight=False, soft_wrap=True)
    click.echo(", ".join(f"{counts[name]} {name}" for name in SUMMARY))
    sys.exit(1 if counts["failed"] else 0)


def _import_one(runtime: Runtime, actor: Actor, path: Path, seen: dict[str, Path]) -> str:
    reader = next((r for r in ALL_READERS if r.reads(path)), None)
    if reader is None:
        raise CannotImport(f"neither a folder with {DESCRIPTOR} nor DataCite XML or JSON")
    item = reader.read(path)
    if (other := seen.setdefault(item.source_key, path)) != path:
        raise CannotImport(f"has the same name and identifier as {other}")
    outcome, _ = import_item(runtime, actor, item)
    return outcome.value


def _owner(runtime: Runtime, email: str | None) -> Actor:
    query = select(User).where(User.active).order_by(User.id)
    query = (
        query.where(User.email == email.lower())
        if email
        else query.where(User.role == Role.ADMIN.value)
    )
    with runtime.read() as work:
        user = work.session.scalars(query).first()
        if user is None:
            raise NotFound(N_("There is no such user; make one with: repository user create"))
        return Actor.of(user)


commands = [import_command, scan, hand_over]

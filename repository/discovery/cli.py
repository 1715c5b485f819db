"""Commands of the search index, and of all there is to see."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from repository.core.commands import with_runtime
from repository.core.errors import Conflict
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.discovery import indexing
from repository.discovery.exporting import export_public
from repository.discovery.indexes import IndexBusyError
from repository.discovery.packages import PACKAGES
from repository.formats import registry


@click.command()
@click.option("--afresh", is_flag=True, help="Do not go on where an earlier run was interrupted.")
@with_runtime
def reindex(runtime: Runtime, afresh: bool) -> None:
    """Build the search index anew from the database, while the repository goes on serving."""
    with click.progressbar(length=1, label="Indexing", show_pos=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        try:
            indexing.rebuild(runtime, afresh=afresh, progress=progress)
        except IndexBusyError:
            raise Conflict(N_("The index is being built by another process.")) from None
    with runtime.work() as work:
        work.enqueue("search.follow", "search.follow", {})
    click.echo("The search index is up to date.")


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--format",
    "names",
    multiple=True,
    metavar="NAME",
    help="A metadata format, as in /records/ID/export/NAME; again for more.  [default: json]",
)
@click.option(
    "--package",
    "packages",
    multiple=True,
    type=click.Choice(list(PACKAGES)),
    help="The files too, as a ZIP of this kind.",
)
@with_runtime
def export_command(
    runtime: Runtime, folder: Path, names: tuple[str, ...], packages: tuple[str, ...]
) -> None:
    """Write every version that anyone may see to FOLDER/ID/."""
    known = {each.name: each for each in registry.formats()}
    if unknown := [name for name in names if name not in known]:
        raise click.BadParameter(
            f"there is no format {unknown[0]}; there are {', '.join(known)}", param_hint="--format"
        )
    formats = [known[name] for name in names or ("json",)]
    done = 0
    try:
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("Exporting", total=None)
            for _id in export_public(runtime, folder, formats, [PACKAGES[p] for p in packages]):
                done += 1
                progress.update(task, completed=done, description=f"Exporting {done}")
    except OSError as error:
        raise click.ClickException(f"Cannot write to {folder}: {error.strerror}") from error
    click.echo(f"{done} versions exported to {folder}")


commands = [reindex, export_command]

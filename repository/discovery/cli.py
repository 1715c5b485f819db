"""Commands of the search index."""

import click

from repository.core.commands import with_runtime
from repository.core.errors import Conflict
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.discovery import indexing
from repository.discovery.indexes import IndexBusyError


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


commands = [reindex]

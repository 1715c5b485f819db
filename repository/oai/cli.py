"""`repository oai …`"""

import sys
from collections.abc import Callable
from contextlib import closing

import click

from repository.core.runtime import Runtime
from repository.oai import conformance, rebuild

OpenRuntime = Callable[[], Runtime]


@click.group()
def oai() -> None:
    """The OAI-PMH endpoint: check it, render it anew."""


@oai.command()
@click.argument("address", required=False)
@click.pass_obj
def check(open_runtime: OpenRuntime, address: str | None) -> None:
    """Ask a live endpoint what a strict harvester would; exit code 1 when something is wrong.

    ADDRESS is this repository's own public one unless given.
    """
    if address is None:
        with closing(open_runtime()) as runtime:
            address = f"{runtime.settings.base_url}/oai2d"
    report = conformance.check(conformance.fetcher(address), address)
    for failure in report.failures:
        click.echo(f"wrong: {failure}")
    click.echo(f"{address}: {report.passed} checks passed, {len(report.failures)} failed.")
    sys.exit(1 if report.failures else 0)


@oai.command("rebuild")
@click.option("--all", "everything", is_flag=True, help="Also formats whose code is the same.")
@click.pass_obj
def rebuild_formats(open_runtime: OpenRuntime, everything: bool) -> None:
    """Render all records anew in the formats whose code has changed."""
    with closing(open_runtime()) as runtime:
        if everything:
            with runtime.work() as work:
                rebuild.again(work)
        with runtime.read() as work:
            total = rebuild.total(work)
        done = rebuild.run(runtime, lambda so_far: click.echo(f"{so_far} of {total}", err=True))
    click.echo(f"{done} versions looked at.")


commands = (oai,)

"""`repository harvest`: for who has a shell and no browser."""

import sys
import time
from collections.abc import Callable

import click

from repository.accounts.models import Actor, Role
from repository.core.commands import with_runtime
from repository.core.fetch import FetchRefused
from repository.core.runtime import Runtime
from repository.harvest import services, working
from repository.harvest.models import HarvestRun, HarvestSource, RunState
from repository.harvest.services import PAUSES, Told

OPERATOR = Actor(user_id=None, role=Role.ADMIN)
COUNTS = ("created", "updated", "unchanged", "deleted", "refused")
SHOWN = 100


@click.group()
def harvest() -> None:
    """Take in what other repositories publish, by OAI-PMH."""


def _of_source(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--prefix", default="", help="[default: the best that is read here]"),
        click.option("--set", "set_spec", default="", help="This set alone."),
        click.option("--collection", default="", help="Into this collection, by its short name."),
        click.option("--owner", required=True, help="E-mail of the account that owns the records."),
        click.option("--review", is_flag=True, help="The collection's curators look first."),
        click.option(
            "--every",
            type=click.Choice([str(hours) for hours in PAUSES]),
            default="24",
            show_default=True,
            help="Hours between harvests; 0 is only when asked.",
        ),
    ):
        function = option(function)
    return function


@harvest.command()
@click.argument("name")
@click.argument("address")
@_of_source
@with_runtime
def add(runtime: Runtime, name: str, address: str, every: str, **told: str) -> None:
    """Add a source by the ADDRESS of its OAI-PMH endpoint, which is asked what it is."""
    asked = Told(name=name, address=address, every_hours=int(every), **told)  # type: ignore[arg-type]
    about = services.look_at(runtime.settings, asked)
    with runtime.work() as work:
        services.save(work, OPERATOR, asked)
    click.echo(f"{name}: {about.name}, formats {', '.join(about.prefixes)}")


@harvest.command("list")
@with_runtime
def list_sources(runtime: Runtime) -> None:
    """Name, address, set, hours between harvests, the last run and what it did."""
    with runtime.read() as work:
        runs = services.last_runs(work)
        for source in services.listed(work):
            pause = str(source.every_hours) if source.enabled else "off"
            told = (source.name, source.address, source.set_spec, pause, _told(runs.get(source.id)))
            click.echo("\t".join(told))


def _told(run: HarvestRun | None) -> str:
    if run is None:
        return "never"
    counts = ", ".join(f"{getattr(run, name)} {name}" for name in COUNTS)
    return f"{run.state} {run.started_at:%Y-%m-%dT%H:%M:%SZ}: {counts}"


@harvest.command()
@click.argument("name")
@click.option("--all", "whole", is_flag=True, help="Everything, not what changed since the last.")
@with_runtime
def run(runtime: Runtime, name: str, whole: bool) -> None:
    """Harvest a source now. What is refused is named with the reason; exit code 1 when the run
    did not come to the end of the list.

    Ended by Ctrl-C or a crash, it goes on where it was when it is asked again.
    """
    with runtime.work() as work:
        begun = services.begin(
            work, OPERATOR, services.named(work, name), whole=whole, ask=False
        ).id
    _work_on(runtime, begun)
    with runtime.read() as work:
        done = work.session.get_one(HarvestRun, begun)
        source = work.session.get_one(HarvestSource, done.source_id)
        items, total = services.troubles(work, source, limit=SHOWN)
        for item in items:
            click.echo(f"{item.identifier}: {item.problem % item.params}", err=True)
        if total > len(items):
            click.echo(f"and {total - len(items)} more", err=True)
    if done.problem:
        click.echo(done.problem % done.params, err=True)
    click.echo(_told(done))
    sys.exit(0 if done.state == RunState.DONE else 1)


def _work_on(runtime: Runtime, run_id: int) -> None:
    more = True
    while more:
        try:
            more = working.carry_on(runtime, run_id)
        except FetchRefused as error:
            pause = working.postpone(runtime, run_id, error)
            if not pause:
                return
            click.echo(f"{error} Asked again in {pause} s.", err=True)
            time.sleep(pause)


@harvest.command()
@click.argument("name")
@with_runtime
def remove(runtime: Runtime, name: str) -> None:
    """Forget a source; its records stay. Added again by the same address, it knows them again."""
    with runtime.work() as work:
        services.remove(work, OPERATOR, services.named(work, name).id)


commands = (harvest,)

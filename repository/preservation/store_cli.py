"""`repository store`: the stores that files are in, what they really do, and what belongs where."""

import sys

import click

from repository.accounts.models import Actor, Role
from repository.core.commands import with_runtime
from repository.core.copies import place_named
from repository.core.runtime import Runtime
from repository.preservation import moving, placement
from repository.preservation.models import PlacementRule
from repository.preservation.placement import Wish
from repository.preservation.progress import progress_of
from repository.records.collections import Collection
from repository.records.data_class import DataClass
from repository.records.quota_cli import Size
from storage.base import StorageError
from storage.local import LocalStore
from storage.probe import FAILED, probe

OPERATOR = Actor(user_id=None, role=Role.ADMIN)


@click.group()
def store() -> None:
    """The stores that files are in. The first one has no name; say "store"."""


def _place(runtime: Runtime, name: str) -> str:
    place = place_named("" if name == "store" else name)
    if place not in runtime.stores:
        known = ", ".join(each.partition(":")[2] or each for each in runtime.stores)
        raise click.BadParameter(f"the settings name no store {name}; there are: {known}")
    return place


@store.command("list")
@with_runtime
def list_stores(runtime: Runtime) -> None:
    """Stores with country, state, contents, bytes, and bytes that go; then the rules in order."""
    with runtime.read() as work:
        for place, held in placement.standing(work).items():
            state = _state(runtime, place)
            country = placement.country_of(runtime.settings, place) or "-"
            figures = f"{held.count}\t{held.size}\t{held.going_size}"
            click.echo(f"{place.partition(':')[2] or place}\t{country}\t{state}\t{figures}")
        for rule in placement.rules(work):
            slug = ""
            if rule.collection_id is not None:
                slug = work.session.get_one(Collection, rule.collection_id).slug
            click.echo(f"rule {rule.id}: {_told(rule, slug)}")
        count, size = placement.left_to_move(work)
    click.echo(f"{count} contents, {size} bytes to move")


def _state(runtime: Runtime, place: str) -> str:
    if place not in runtime.stores:
        return "not in the settings"
    try:
        runtime.stores[place].check()
    except StorageError as error:
        return f"does not answer: {error}"
    return "answers"


def _told(rule: PlacementRule, slug: str) -> str:
    told = [
        f"collection {slug}" if slug else "",
        placement.CLASSES[DataClass(rule.data_class)] if rule.data_class else "",
        f"from {rule.min_bytes} bytes" if rule.min_bytes is not None else "",
        f"up to {rule.max_bytes} bytes" if rule.max_bytes is not None else "",
    ]
    what = ", ".join(filter(None, told)) or "everything"
    kept = f", only in {rule.country}" if rule.country else ""
    return f"{what} -> {rule.place.partition(':')[2] or rule.place}{kept}"


@store.command("place")
@click.argument("name")
@click.option("--collection", default="", help="Only what is in it or below it: its short name.")
@click.option("--from-size", type=Size(), help="Only files of at least so many bytes: 1GB.")
@click.option("--to-size", type=Size(), help="Only files of at most so many bytes.")
@click.option(
    "--class",
    "data_class",
    type=click.Choice([each.value for each in placement.CLASSES]),
    help="Only data of this class or above it.",
)
@click.option("--country", default="", help="No copy in a store elsewhere: two letters.")
@with_runtime
def place_files(
    runtime: Runtime,
    name: str,
    collection: str,
    from_size: int | None,
    to_size: int | None,
    data_class: str | None,
    country: str,
) -> None:
    """A further rule: what it fits goes into the store NAME. Prints the rule's number."""
    wish = Wish(_place(runtime, name), collection, from_size, to_size, country, data_class or "")
    with runtime.work() as work:
        rule = placement.add(work, OPERATOR, wish)
    click.echo(str(rule.id))


@store.command("unplace")
@click.argument("rule", type=int)
@with_runtime
def remove_rule(runtime: Runtime, rule: int) -> None:
    """Take a rule away; what it had placed moves to where the others say."""
    with runtime.work() as work:
        placement.remove(work, OPERATOR, rule)


@store.command("move")
@with_runtime
def move_files(runtime: Runtime) -> None:
    """Move what lies elsewhere than the rules say, now, and let copies go whose grace is over.

    The job does the same by itself every hour. Exit code 1 where something could not be moved.
    """
    with runtime.read() as work:
        _count, size = placement.left_to_move(work)
    with progress_of("Moving", size) as tell:
        moved = moving.place_all(runtime, tell=tell)
    dropped = moving.drop_due(runtime)
    for sha256, why in moved.failed.items():
        click.echo(f"not moved: {sha256}: {why}", err=True)
    click.echo(f"{moved.contents} contents moved, {moved.bytes} bytes; {dropped} old copies gone")
    sys.exit(1 if moved.failed else 0)


@store.command("prepare")
@click.argument("name")
@with_runtime
def prepare_store(runtime: Runtime, name: str) -> None:
    """Make the folder of a further store. Once: a missing one is else taken for a disk that is not
    mounted. A bucket has to be there already.
    """
    found = runtime.stores[_place(runtime, name)]
    if isinstance(found, LocalStore):
        found.prepare()
    found.check()


@store.command("probe")
@click.argument("name", default="store")
@with_runtime
def probe_store(runtime: Runtime, name: str) -> None:
    """Try what a store says it does. Exit code 1 where the repository cannot do without.

    Leaves an S3 store as it was but for an object of one byte, locked for two minutes.
    """
    found = list(probe(runtime.stores[_place(runtime, name)]))
    for each in found:
        click.echo(f"{each.what}: {each.verdict}" + (f" ({each.detail})" if each.detail else ""))
    sys.exit(1 if any(each.verdict == FAILED for each in found) else 0)

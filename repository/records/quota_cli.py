"""`repository quota`: what users, collections and records may hold."""

import re
from collections.abc import Callable

import click

from repository.core.commands import with_runtime
from repository.core.runtime import Runtime
from repository.records import quotas
from repository.records.models import Scope
from repository.records.quotas import UNITS, Standing

SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGTP]?)B?", re.IGNORECASE)


class Size(click.ParamType[int]):
    """Bytes, with an SI unit or without: 500GB, 2 TB, 1000000."""

    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        found = SIZE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{value} is not a size; write it as 500GB or 2TB", param, ctx)
        letters = [unit[0].lower() for unit in UNITS]
        return int(float(found[1]) * 1000 ** letters.index((found[2] or "B").lower()))


@click.group()
def quota() -> None:
    """What users, collections and records may hold."""


def _whose(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--record", help="A record's id, or a version's."),
        click.option("--collection", help="A collection's slug."),
        click.option("--user", help="A user's e-mail address."),
    ):
        function = option(function)
    return function


def _named(
    user: str | None, collection: str | None, record: str | None
) -> tuple[Scope, str] | None:
    pairs = zip(
        (Scope.USER, Scope.COLLECTION, Scope.RECORD), (user, collection, record), strict=True
    )
    given = [(scope, name) for scope, name in pairs if name]
    if len(given) > 1:
        raise click.UsageError("Name one of --user, --collection, --record.")
    return given[0] if given else None


@quota.command("show")
@_whose
@with_runtime
def show(runtime: Runtime, user: str | None, collection: str | None, record: str | None) -> None:
    """What one holds and may hold; or all with limits of their own, and who holds most."""
    named = _named(user, collection, record)
    with runtime.read() as work:
        if named is None:
            found = quotas.largest(work)
        else:
            found = [quotas.standing(work, quotas.holder_named(work, *named))]
        for each in found:
            click.echo(_line(quotas.name_of(work, each.holder), each))


@quota.command("set")
@_whose
@click.option("--bytes", "size", type=Size(), help="As 500GB or 2TB; 0 is no limit.")
@click.option("--files", type=click.IntRange(0), help="How many files; 0 is no limit.")
@with_runtime
def set_quota(
    runtime: Runtime,
    user: str | None,
    collection: str | None,
    record: str | None,
    size: int | None,
    files: int | None,
) -> None:
    """Give one limits of its own. What is left out is as the settings say."""
    named = _named(user, collection, record)
    if named is None:
        raise click.UsageError("Name one of --user, --collection, --record.")
    with runtime.work() as work:
        holder = quotas.holder_named(work, *named)
        found = quotas.set_limits(work, None, holder, max_bytes=size, max_files=files)
    click.echo(_line(named[1], found))


def _line(name: str, found: Standing) -> str:
    size = quotas.in_units(found.max_bytes) if found.max_bytes else "no limit"
    files = str(found.max_files) if found.max_files else "no limit"
    return (
        f"{found.holder.scope.value} {name}: {quotas.in_units(found.used_bytes)} of {size}, "
        f"{found.used_files} files of {files}"
    )

"""`repository hand-over`: for whoever has left."""

import click

from repository.accounts.models import Actor, User
from repository.accounts.services import find
from repository.core.commands import with_runtime
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.deposit import owners
from repository.records.models import Record

NO_USER = N_("There is no user %(email)s.")


@click.command("hand-over")
@click.argument("email")
@click.argument("new_owner")
@with_runtime
def hand_over(runtime: Runtime, email: str, new_owner: str) -> None:
    """Make all records and drafts of EMAIL those of NEW_OWNER.

    Each by itself: broken off, it goes on when it is run again.
    """
    with runtime.read() as work:
        before, after = _known(work, email), _known(work, new_owner)
        found = owners.records_of(work, before)
    for number, record_id in enumerate(found, start=1):
        with runtime.work() as work:
            record = work.session.get_one(Record, record_id, with_for_update=True)
            owners.give(work, Actor(), record, new_owner)
        click.echo(f"{number}/{len(found)} {record_id}")
    if found:
        with runtime.work() as work:
            owners.tell_of_all(work, before, after, len(found))
    click.echo(f"{len(found)} records handed over to {new_owner}")


def _known(work: Work, email: str) -> User:
    found = find(work, email)
    if found is None:
        raise NotFound(NO_USER, email=email)
    return found

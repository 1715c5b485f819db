"""What is wrong with the registration of identifiers, one clear line each, for operators."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from repository.core.errors import RepositoryError
from repository.core.runtime import Runtime
from repository.pid import gate
from repository.pid.accounts import account_for, all_prefixes
from repository.pid.models import Identifier
from repository.pid.providers.base import RegistryError
from repository.pid.providers.registry import open_provider

OVERDUE = timedelta(days=1)


def problems(runtime: Runtime) -> Iterator[str]:
    """Asks each registry once, within its time-out; changes nothing."""
    with runtime.read() as work:
        prefixes = all_prefixes(work)
    for prefix in prefixes:
        yield from _of_account(runtime, prefix)
    yield from _of_queue(runtime)


def _of_account(runtime: Runtime, prefix: str) -> Iterator[str]:
    try:
        with runtime.read() as work:
            account = account_for(work, prefix)
            pause = gate.pause_of(work, prefix)
        open_provider(account).check()
    except (RegistryError, RepositoryError) as error:
        yield f"Identifiers ({prefix or 'no prefix'}): {error}"
        return
    if pause is not None:
        yield f"Identifiers ({prefix}): paused until {pause.until}: {pause.message}"


def _of_queue(runtime: Runtime) -> Iterator[str]:
    with runtime.read() as work:
        count = select(func.count()).select_from(Identifier)
        failed = work.session.scalar(count.where(Identifier.failure.is_not(None)))
        asked = Identifier.asked_at < work.clock.now() - OVERDUE
        overdue = work.session.scalar(count.where(Identifier.due_at.is_not(None), asked))
        orphans = select(Identifier.prefix).where(
            Identifier.due_at.is_not(None), Identifier.prefix.not_in(all_prefixes(work))
        )
        unknown = work.session.scalars(orphans.distinct()).all()
    if failed:
        yield f"Identifiers: the registry refuses {failed}; see /admin/identifiers."
    if overdue:
        yield f"Identifiers: {overdue} have waited for more than a day; see /admin/identifiers."
    for prefix in unknown:
        if prefix != runtime.settings.pid_prefix:
            yield f"Identifiers: no account registers the prefix {prefix} any more."

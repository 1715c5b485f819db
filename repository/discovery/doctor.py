"""What is wrong with the search index, one clear line each; see `repository doctor`."""

from collections.abc import Iterator

from sqlalchemy import func, select

from repository.core.runtime import Runtime
from repository.records.models import State, Version

WHOOSH_SERVES = 10_000


def problems(runtime: Runtime) -> Iterator[str]:
    """A set that has outgrown the pure-Python engine (its 95th percentile passes 100 ms there)."""
    if runtime.settings.search_engine != "whoosh":
        return
    with runtime.read() as work:
        published = select(func.count()).where(Version.state == State.PUBLISHED.value)
        count = work.session.scalar(published) or 0
    if count > WHOOSH_SERVES:
        yield (
            f"Search: {count} records are more than Whoosh serves quickly (about {WHOOSH_SERVES}); "
            "set REPOSITORY_SEARCH_ENGINE=tantivy and run: repository reindex"
        )

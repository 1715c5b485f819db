"""Every version that anyone may see, for what is made of all of them: dumps and exports."""

from collections.abc import Iterator

from sqlalchemy import select

from repository.access.documents import document_for
from repository.access.rules import visible_to
from repository.accounts.models import ANONYMOUS
from repository.core.runtime import Runtime
from repository.records.document import Document
from repository.records.models import State, Version

BATCH = 200


def every_public(runtime: Runtime, *, files_limit: int) -> Iterator[tuple[Version, Document]]:
    """By id, a batch to a transaction, so that none stays open; withdrawn ones as tombstones.

    `files_limit` is how many files of each are named.
    """
    after = ""
    while True:
        with runtime.read() as work:
            query = (
                select(Version)
                .where(
                    Version.id > after,
                    Version.state != State.DRAFT.value,
                    visible_to(ANONYMOUS, work.clock.now()),
                )
                .order_by(Version.id)
                .limit(BATCH)
            )
            versions = work.session.scalars(query).all()
            made = [
                (version, document_for(work, ANONYMOUS, version, files_limit=files_limit))
                for version in versions
            ]
        yield from ((version, document) for version, document in made if document is not None)
        if len(versions) < BATCH:
            return
        after = versions[-1].id

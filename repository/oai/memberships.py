"""Which sets a document is in: the registry of set providers.

A provider is a function from a public Document to its sets. Whatever else its answer depends on
must tell the change feed (`work.changed`) of the records concerned when it changes, or have
everything rendered anew (`rebuild.again`).
"""

from repository.core.work import Work
from repository.oai import search_sets, standard_sets
from repository.oai.sets import SetEntry, SetProvider
from repository.records.document import Document

MAX_SETS = 200
PROVIDERS: tuple[SetProvider, ...] = (
    standard_sets.by_type,
    standard_sets.by_language,
    standard_sets.by_access,
    standard_sets.reserved_by_guidelines,
    standard_sets.by_institution,
    standard_sets.by_collection,
    standard_sets.by_subject,
    search_sets.by_search,
)


def sets_of(work: Work, document: Document) -> tuple[SetEntry, ...]:
    """All sets of a document by spec, each ancestor of a nested set among them."""
    found: dict[str, SetEntry] = {}
    for provider in PROVIDERS:
        for entry in provider(work, document):
            found.setdefault(entry.spec, entry)
    for spec in list(found):
        parts = spec.split(":")
        for depth in range(1, len(parts)):
            ancestor = ":".join(parts[:depth])
            found.setdefault(ancestor, SetEntry(ancestor, ancestor))
    return tuple(sorted(found.values())[:MAX_SETS])

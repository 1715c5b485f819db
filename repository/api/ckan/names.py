"""What CKAN calls things: slugs of publishers, short names of file formats."""

import mimetypes
from collections.abc import Sequence

from repository.accounts.models import Actor
from repository.api.ckan.envelope import Refused
from repository.core import fold
from repository.core.work import Work
from repository.discovery.documents import access_filter
from repository.discovery.engines.base import Found, Search
from repository.discovery.engines.nodes import Keyword, Node, Or
from repository.discovery.readers import ask

MANY = 1000


def found(work: Work, search: Search) -> Found:
    """What the index answers. Raises Refused while there is none: nothing is not the same as
    not knowing, to a harvester that deletes what it no longer finds.
    """
    answer = ask(work.settings, search)
    if answer is None:
        raise Refused(503, "Search Index Error", message="The index is being built; try later.")
    return answer


def values(work: Work, actor: Actor, field: str) -> list[tuple[str, int]]:
    """The most frequent values of a keyword field in what `actor` may see, and how many each."""
    search = Search(filters=[access_filter(work, actor)], facets={field: MANY}, limit=0)
    return found(work, search).facets[field]


def slug(name: str) -> str:
    """A name as CKAN allows: lower-case ASCII letters, digits and hyphens, at least two."""
    made = "-".join("".join(c for c in token if c.isascii()) for token in fold.tokens(name))
    return made.strip("-")[:100].ljust(2, "-") if made.strip("-") else "publisher"


def format_name(media_type: str) -> str:
    """`CSV` for `text/csv`."""
    extension = mimetypes.guess_extension(media_type)
    return (extension or media_type.rpartition("/")[2]).lstrip(".").upper()


def of_slugs(work: Work, actor: Actor, slugs: Sequence[str]) -> Node:
    """Records of the publishers that have these slugs; two may share one."""
    return _any_of(
        "publisher", [n for n, _ in values(work, actor, "publisher") if slug(n) in slugs]
    )


def of_formats(work: Work, actor: Actor, names: Sequence[str]) -> Node:
    wanted = {name.upper() for name in names}
    known = [media for media, _ in values(work, actor, "format")]
    return _any_of("format", [m for m in known if format_name(m) in wanted or m.upper() in wanted])


def _any_of(field: str, chosen: Sequence[str]) -> Node:
    return Or(tuple(Keyword(field, value) for value in chosen))

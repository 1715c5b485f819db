"""ResourceSync (ANSI/NISO Z39.99-2017): what there is, and what changed, as XML lists.

Resources are the metadata of each public version and its public files. The lists of changes are
those of OAI-PMH, which remembers deletions for ever: an item once, at its last change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

from sqlalchemy import ColumnElement, func, select

from repository.access.file_rules import files_given_to
from repository.access.files import file_url, landing_url
from repository.access.rules import visible_to
from repository.accounts.models import ANONYMOUS
from repository.core.work import Work
from repository.formats.schema_org import SchemaOrg
from repository.oai.models import OaiItem
from repository.records.models import File, State, Version

PAGE = 50_000  # entries in one list, as in the Sitemap protocol
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
TERMS = "http://www.openarchives.org/rs/terms/"
CONTENT = SchemaOrg()
FOLDER = "/resourcesync"


@dataclass(frozen=True)
class Md:
    """`rs:md`: attributes in the order of the specification's examples; empty ones are left out."""

    capability: str = ""
    change: str = ""
    at: str = ""
    since: str = ""
    hash: str = ""
    length: str = ""
    type: str = ""

    def xml(self) -> str:
        named = {"from": self.since} | {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name != "since"
        }
        told = "".join(f" {name}={quoteattr(value)}" for name, value in named.items() if value)
        return f"<rs:md{told}/>"


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def document(root: str, md: Md, up: str, entries: Iterable[str]) -> Iterator[str]:
    """A list piece by piece; `up` is the address of the list that leads here."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<{root} xmlns="{SITEMAP}" xmlns:rs="{TERMS}">\n'
    if up:
        yield f'<rs:ln rel="up" href={quoteattr(up)}/>\n'
    yield f"{md.xml()}\n"
    yield from entries
    yield f"</{root}>\n"


def entry(
    tag: str, address: str, md: Md, modified: datetime | None = None, links: Sequence[str] = ()
) -> str:
    """`url` or `sitemap`, with its link elements after `rs:md` as the schema orders them."""
    location = quoteattr(address)[1:-1]
    last = f"<lastmod>{stamp(modified)}</lastmod>" if modified else ""
    return f"<{tag}><loc>{location}</loc>{last}{md.xml()}{''.join(links)}</{tag}>\n"


def link(relation: str, address: str) -> str:
    return f"<rs:ln rel={quoteattr(relation)} href={quoteattr(address)}/>"


def description(work: Work) -> Iterator[str]:
    """The source description (section 13)."""
    base = work.settings.base_url
    about = link("describedby", f"{base}/about/repository.json")
    capability = f"{base}{FOLDER}/capabilitylist.xml"
    entries = [entry("url", capability, Md(capability="capabilitylist"), links=[about])]
    return document("urlset", Md(capability="description"), "", entries)


def capabilities(work: Work) -> Iterator[str]:
    """The capability list (section 9)."""
    base = work.settings.base_url
    entries = [
        entry("url", f"{base}{FOLDER}/{name}.xml", Md(capability=name))
        for name in ("resourcelist", "changelist")
    ]
    up = f"{base}/.well-known/resourcesync"
    return document("urlset", Md(capability="capabilitylist"), up, entries)


def resource_index(work: Work) -> Iterator[str]:
    """The index of resource lists (section 10.2): those of metadata, then those of files."""
    now = work.clock.now()
    versions = select(func.count()).select_from(Version).where(*_listed(work))
    files = select(func.count(File.id)).join(Version, Version.id == File.version_id)
    files = files.where(*_open(work))
    counts = {"metadata": work.session.scalar(versions), "files": work.session.scalar(files)}
    md = Md(capability="resourcelist", at=stamp(now))
    entries = [
        entry("sitemap", f"{work.settings.base_url}{FOLDER}/resourcelist-{kind}-{page}.xml", md)
        for kind, count in counts.items()
        for page in range(1, max(1, -(-(count or 0) // PAGE)) + 1)
    ]
    return document(
        "sitemapindex", md, f"{work.settings.base_url}{FOLDER}/capabilitylist.xml", entries
    )


def resource_list(work: Work, kind: str, page: int) -> Iterator[str] | None:
    """One list of 50,000 entries at most; None for a page that there is not."""
    offset = (page - 1) * PAGE
    found = _metadata(work, offset) if kind == "metadata" else _files(work, offset)
    first = next(found, None)
    if first is None and page != 1:
        return None
    md = Md(capability="resourcelist", at=stamp(work.clock.now()))
    up = f"{work.settings.base_url}{FOLDER}/resourcelist.xml"
    entries = [] if first is None else _chain(first, found)
    return document("urlset", md, up, entries)


def _chain(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


def _listed(work: Work) -> tuple[ColumnElement[bool], ...]:
    return (Version.state == State.PUBLISHED.value, visible_to(ANONYMOUS, work.clock.now()))


def _open(work: Work) -> tuple[ColumnElement[bool], ...]:
    return (
        File.committed.is_(True),
        Version.state == State.PUBLISHED.value,
        files_given_to(ANONYMOUS, work.clock.now()),
    )


def _metadata(work: Work, offset: int) -> Iterator[str]:
    query = (
        select(Version.id, Version.updated_at)
        .where(*_listed(work))
        .order_by(Version.id)
        .limit(PAGE)
        .offset(offset)
    )
    for version_id, updated in work.session.execute(query.execution_options(yield_per=1000)):
        yield _metadata_entry(work, version_id, updated, Md(type=CONTENT.media_type))


def _metadata_entry(work: Work, version_id: str, updated: datetime, md: Md) -> str:
    page = landing_url(work, version_id)
    return entry("url", metadata_url(work, version_id), md, updated, [link("describes", page)])


def metadata_url(work: Work, version_id: str) -> str:
    return f"{landing_url(work, version_id)}/export/{CONTENT.name}"


def _files(work: Work, offset: int) -> Iterator[str]:
    """Files never change once published, so that their time is that of the publication."""
    columns = (File.version_id, File.path, File.sha256, File.size, File.media_type)
    query = (
        select(*columns, Version.published_at)
        .join(Version, Version.id == File.version_id)
        .where(*_open(work))
        .order_by(File.version_id, File.path)
        .limit(PAGE)
        .offset(offset)
    )
    rows = work.session.execute(query.execution_options(yield_per=1000))
    for version_id, path, sha256, size, media_type, published in rows:
        md = Md(hash=f"sha-256:{sha256}", length=str(size), type=media_type)
        links = [
            link("describedby", metadata_url(work, version_id)),
            link("collection", landing_url(work, version_id)),
        ]
        yield entry("url", file_url(work, version_id, path), md, published, links)


def change_index(work: Work) -> Iterator[str]:
    """The index of change lists (section 12.3), oldest first; each holds a range of numbers."""
    last = work.session.scalar(select(func.max(OaiItem.seq))) or 0
    md = Md(capability="changelist", since=_since(work))
    entries = [
        entry("sitemap", f"{work.settings.base_url}{FOLDER}/changelist-{page}.xml", md)
        for page in range(1, max(1, -(-last // PAGE)) + 1)
    ]
    return document(
        "sitemapindex", md, f"{work.settings.base_url}{FOLDER}/capabilitylist.xml", entries
    )


def _since(work: Work) -> str:
    first = work.session.scalar(select(func.min(OaiItem.datestamp)))
    return stamp(first or work.clock.now())


def change_list(work: Work, page: int) -> Iterator[str] | None:
    """Changes in their order; None for a page beyond the last."""
    low, high = (page - 1) * PAGE, page * PAGE
    last = work.session.scalar(select(func.max(OaiItem.seq))) or 0
    if page != 1 and low >= last:
        return None
    md = Md(capability="changelist", since=_since(work))
    up = f"{work.settings.base_url}{FOLDER}/changelist.xml"
    return document("urlset", md, up, _changes(work, low, high))


def _changes(work: Work, low: int, high: int) -> Iterator[str]:
    """What is hidden or withdrawn by now is told as deleted, whatever its item still says."""
    shown = (Version.state == State.PUBLISHED.value) & visible_to(ANONYMOUS, work.clock.now())
    query = (
        select(OaiItem.version_id, OaiItem.datestamp, OaiItem.deleted, Version.revision, shown)
        .join(Version, Version.id == OaiItem.version_id)
        .where(OaiItem.seq > low, OaiItem.seq <= high)
        .order_by(OaiItem.seq)
        .execution_options(yield_per=1000)
    )
    for version_id, at, deleted, revision, is_shown in work.session.execute(query):
        gone = deleted or not is_shown
        change = "deleted" if gone else "created" if revision == 1 else "updated"
        md = Md(change=change, type="" if gone else CONTENT.media_type)
        yield _metadata_entry(work, version_id, at, md)

"""What may be said of one version, as every export, index and protocol is given it.

Built only by `access.documents`, which leaves out what its reader may not see; whoever renders a
Document need not know of access.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from repository.records.doi import doi_url
from repository.records.metadata import Metadata
from repository.records.metadata.licences import licence_link


@dataclass(frozen=True)
class Variable:
    """A column of a table. `type` is Frictionless' word (`number`, `date`…), `concept` a URI."""

    name: str
    type: str = ""
    label: str = ""
    description: str = ""
    unit: str = ""
    concept: str = ""


@dataclass(frozen=True)
class FileEntry:
    """One file: `size` in bytes, `sha256` as 64 hex digits, `url` absolute.

    `puid` is its format in the PRONOM registry, `license` an id of our list; each where there is
    one. A `locked` file is only known to exist, until `opens_on` where that is set: no Document has
    one among its `files`.
    """

    path: str
    size: int
    media_type: str
    sha256: str
    url: str
    variables: tuple[Variable, ...] = ()
    license: str = ""
    puid: str = ""
    locked: bool = False
    opens_on: date | None = None

    @property
    def license_url(self) -> str | None:
        """The address of the file's own licence."""
        return licence_link(self.license)


@dataclass(frozen=True)
class AccessStatus:
    """`status` is `open`, `embargoed`, `restricted` or `metadata-only`; the rest explains it.

    `record` and `files` are `public` or `restricted` as they are in force today.
    """

    status: str
    record: str
    files: str
    embargo_until: date | None = None
    embargo_reason: str = ""


@dataclass(frozen=True)
class Tombstone:
    """Why and when a version was withdrawn."""

    withdrawn_at: datetime
    reason: str
    note: str = ""


@dataclass(frozen=True)
class VersionLink:
    """Another version of the same record that the reader may see."""

    id: str
    number: int
    doi: str | None
    label: str
    published_at: datetime
    url: str


@dataclass(frozen=True)
class CollectionLink:
    """A collection that the record is in; `direct` is False for one that lies above such a one."""

    slug: str
    kind: str
    title_vi: str
    title_en: str
    url: str
    direct: bool = True

    def title(self, language: str) -> str:
        return (self.title_en if language == "en" else "") or self.title_vi


@dataclass(frozen=True)
class Source:
    """Where a record was harvested: the repository's `name`, the item's page `url` there, and what
    OAI-PMH's provenance container tells of it.
    """

    name: str
    url: str
    base_url: str
    identifier: str
    datestamp: str
    namespace: str
    harvested_at: datetime


@dataclass(frozen=True)
class Document:
    """One version. Times are aware UTC; `url` is the landing page's absolute address.

    `files` holds at most as many as were asked for of those the reader may have; `file_count` and
    `file_bytes` count all of these, `locked_count` those that are only known to exist. `previous`
    and `next` are its neighbours among the published versions.
    DOIs under `test_prefix`, where there is one, are resolved by this site alone. `terms` are to
    be accepted before files are had, by language; `personal_data_ground` is one of
    `records.grounds` where the files hold personal data. `source` is set where the record was
    harvested: its identifiers are those it has there.
    """

    id: str
    concept_id: str
    doi: str | None
    concept_doi: str | None
    url: str
    concept_url: str
    metadata: Metadata
    access: AccessStatus
    number: int
    is_latest: bool
    revision: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    files: tuple[FileEntry, ...] = ()
    file_count: int = 0
    file_bytes: int = 0
    locked_count: int = 0
    previous: VersionLink | None = None
    next: VersionLink | None = None
    withdrawn: Tombstone | None = None
    collections: tuple[CollectionLink, ...] = ()
    repository_name: str = ""
    test_prefix: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)
    data_class: str = "ordinary"
    personal_data_ground: str = ""
    source: Source | None = None

    @property
    def terms_url(self) -> str | None:
        """Where the terms stand and are accepted."""
        return f"{self.url}/terms" if self.terms else None

    @property
    def doi_url(self) -> str | None:
        return self._resolved(self.doi)

    @property
    def concept_doi_url(self) -> str | None:
        return self._resolved(self.concept_doi)

    def _resolved(self, doi: str | None) -> str | None:
        site = self.url.rpartition("/records/")[0]
        return doi_url(doi, site, self.test_prefix) if doi else None

"""Typed links for machines (FAIR Signposting): in the Link header, and whole in a linkset.

A header has at most 8 KiB, as servers refuse longer ones; what does not fit is in the linkset
(RFC 9264), which the header names first. Level 2 of https://signposting.org/FAIR/.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from repository.access.files import landing_url
from repository.core.work import Work
from repository.discovery.packages import PACKAGES
from repository.formats import registry
from repository.formats.base import profile_of
from repository.formats.schema_org import type_of
from repository.records.document import Document
from repository.records.metadata.identifiers import url
from repository.records.metadata.licences import SPDX, find_licence
from repository.web.urls import absolute_url

MAX_HEADER = 8000
LINKSET_JSON = "application/linkset+json"
LINKSET_TEXT = "application/linkset"
SAFE = "%/:=&?~#+!$'()*@[]-._"  # parsers cut Link headers at commas and semicolons


@dataclass(frozen=True)
class TypedLink:
    """A target, its relation (IANA), and its media type and profile where those are known."""

    href: str
    rel: str
    media_type: str = ""
    profile: str = ""

    def __str__(self) -> str:
        """As in a Link header (RFC 8288)."""
        stated = {"type": self.media_type, "profile": self.profile}
        told = "".join(f'; {name}="{value}"' for name, value in stated.items() if value)
        return f'<{quote(self.href, safe=SAFE)}>; rel="{self.rel}"{told}'

    def target(self) -> dict[str, str]:
        """As a target object of a JSON linkset (RFC 9264, section 4.2.3)."""
        stated = {"type": self.media_type, "profile": self.profile}
        return {"href": quote(self.href, safe=SAFE), **{k: v for k, v in stated.items() if v}}


def links_of(work: Work, document: Document) -> Iterator[TypedLink]:
    """All links of a version's landing page, the most needed first."""
    if document.doi_url:
        yield TypedLink(document.doi_url, "cite-as")
    yield TypedLink("https://schema.org/AboutPage", "type")
    yield TypedLink(f"https://schema.org/{type_of(document.metadata)}", "type")
    licence = _licence(document)
    if licence:
        yield TypedLink(licence, "license")
    yield from _descriptions(document)
    for creator in document.metadata.creators:
        known = ((i.scheme, i.identifier) for i in creator.person_or_org.identifiers)
        address = next(filter(None, (url(scheme, value) for scheme, value in known)), None)
        if address:
            yield TypedLink(address, "author")
    for file in document.files:
        yield TypedLink(file.url, "item", file.media_type)


def _descriptions(document: Document) -> Iterator[TypedLink]:
    for each in registry.offered(document):
        address = absolute_url("discovery.export", record_id=document.id, name=each.name)
        yield TypedLink(address, "describedby", each.media_type.split(";")[0], profile_of(each))


def packages_of(document: Document) -> Iterator[TypedLink]:
    """The whole version in one ZIP; in the linkset alone, for a header's items are the files."""
    for each in PACKAGES.values() if document.file_count else ():
        address = absolute_url(
            "discovery.download_package", record_id=document.id, package=each.name
        )
        yield TypedLink(address, "item", "application/zip", each.profile)


def _licence(document: Document) -> str | None:
    """The first licence, for there may be one link of this kind; at SPDX where that lists it."""
    for rights in document.metadata.rights:
        listed = find_licence(rights.id) if rights.id else None
        if listed is not None:
            return f"{SPDX}{listed.spdx}"
        if rights.link and rights.link.startswith(("https://", "http://")):
            return rights.link
    return None


def header_links(work: Work, document: Document) -> list[TypedLink]:
    """Those that fit into a header; the page repeats them as `<link>` elements."""
    whole = {"linkset": LINKSET_JSON, "linkset_text": LINKSET_TEXT}
    made = [
        TypedLink(absolute_url(f"discovery.{name}", record_id=document.id), "linkset", media_type)
        for name, media_type in whole.items()
    ]
    length = len(header(made))
    for link in links_of(work, document):
        length += len(str(link)) + 2
        if length > MAX_HEADER:
            break
        made.append(link)
    return made


def header(links: Iterable[TypedLink]) -> str:
    return ", ".join(map(str, links))


def back_link(work: Work, version_id: str, rel: str) -> str:
    """The Link header of a file (`collection`) or an export (`describes`): to its landing page."""
    return str(TypedLink(landing_url(work, version_id), rel, "text/html"))

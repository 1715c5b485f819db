"""A Document as its landing page shows it: in the reader's language first, everything named."""

from collections.abc import Iterator
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from markupsafe import Markup

from repository.discovery.labels import LANGUAGES
from repository.discovery.licences import Terms, terms_of
from repository.discovery.people import Organisation, Person, people_of
from repository.i18n.formats import date_text
from repository.records.document import Document
from repository.records.metadata import Metadata
from repository.records.metadata import vocabularies as lists
from repository.records.metadata.dates import Date
from repository.records.metadata.funding import Funding
from repository.records.metadata.identifiers import url as url_of
from repository.records.metadata.languages import bcp_47, same_language
from repository.records.metadata.licences import find_licence
from repository.records.metadata.rights import Rights
from repository.web.markdown import to_html

ABSTRACT = "abstract"


@dataclass(frozen=True)
class Text:
    """`lang` is a BCP 47 tag, or empty; `kind` says what it is where it is no main text."""

    text: str
    lang: str
    kind: str = ""


@dataclass(frozen=True)
class Described:
    html: Markup
    lang: str
    kind: str


@dataclass(frozen=True)
class Link:
    """Something named, that leads somewhere where `url` is given; `kind` says how it relates."""

    text: str
    url: str | None
    kind: str = ""
    note: str = ""


@dataclass(frozen=True)
class Licence:
    title: str
    url: str | None
    terms: Terms | None


@dataclass(frozen=True)
class Page:
    titles: list[Text]
    descriptions: list[Described]
    creators: list[Person]
    contributors: list[Person]
    organisations: list[Organisation]
    licences: list[Licence]
    subjects: list[Link]
    related: list[Link]
    funding: list[Link]
    published: str
    dates: list[Link]
    places: list[str]
    languages: list[str]
    resource_type: str
    publisher: str
    year: str
    sizes: list[str]

    @property
    def title(self) -> Text:
        return self.titles[0]


def page_of(document: Document, language: str) -> Page:
    """Everything the page says, from the metadata alone; who may see it was asked before."""
    metadata = document.metadata
    known: list[Organisation] = []
    return Page(
        titles=_titles(metadata, language),
        descriptions=list(_descriptions(metadata, language)),
        creators=people_of(metadata.creators, known, language),
        contributors=people_of(metadata.contributors, known, language),
        organisations=known,
        licences=[_licence(each, language) for each in metadata.rights],
        subjects=[Link(each.subject, _safe(each.value_uri)) for each in metadata.subjects],
        related=list(_related(metadata, language)),
        funding=[_funding(each) for each in metadata.funding],
        dates=[
            Link(
                date_text(each.date, language),
                None,
                _date_label(each, language),
                each.description or "",
            )
            for each in metadata.dates
        ],
        published=date_text(str(metadata.publication_date), language),
        places=list(_places(metadata)),
        languages=[language_name(each.id, language) for each in metadata.languages],
        resource_type=lists.RESOURCE_TYPES.label(metadata.resource_type.id, language),
        publisher=metadata.publisher,
        year=metadata.year,
        sizes=list(metadata.sizes),
    )


def _titles(metadata: Metadata, language: str) -> list[Text]:
    """Main titles before others, and among them the reader's language before others."""
    found = [
        Text(
            each.title,
            each.lang or "",
            lists.TITLE_TYPES.label(each.type.id, language) if each.type else "",
        )
        for each in metadata.titles
    ]
    return sorted(found, key=lambda each: (bool(each.kind), not same_language(each.lang, language)))


def _descriptions(metadata: Metadata, language: str) -> Iterator[Described]:
    """Abstracts first, without a heading of their own; the reader's language first."""
    order = sorted(
        metadata.descriptions,
        key=lambda each: (each.type.id != ABSTRACT, not same_language(each.lang, language)),
    )
    for each in order:
        label = lists.DESCRIPTION_TYPES.label(each.type.id, language)
        kind = "" if each.type.id == ABSTRACT else label
        yield Described(to_html(each.description), each.lang or "", kind)


def _date_label(each: Date, language: str) -> str:
    return lists.DATE_TYPES.label(each.type.id, language)


def language_name(code: str, reader: str) -> str:
    """`vie` as `Tiếng Việt`, in the reader's language."""
    if code in LANGUAGES:
        vietnamese, english = LANGUAGES[code]
        return vietnamese if reader == "vi" else english
    try:
        name = Locale.parse(bcp_47(code), sep="-").get_display_name(reader)
    except (UnknownLocaleError, ValueError):
        name = Locale.parse(reader).languages.get(code)
    if name is None:
        return code
    return f"{name[0].upper()}{name[1:]}"


def _licence(rights: Rights, language: str) -> Licence:
    listed = find_licence(rights.id) if rights.id else None
    title = rights.title or rights.id or rights.link or ""
    if listed is not None:
        title = listed.vi if language == "vi" else listed.en
    url = rights.link or (listed.link if listed else None)
    return Licence(title, _safe(url), terms_of(rights.id) if rights.id else None)


def licence_called(identifier: str, language: str) -> Licence:
    return _licence(Rights(id=identifier), language)


def _safe(url: str | None) -> str | None:
    return url if url and url.startswith(("https://", "http://")) else None


def _related(metadata: Metadata, language: str) -> Iterator[Link]:
    for each in metadata.related_identifiers:
        kind = lists.RELATION_TYPES.label(each.relation_type.id, language)
        note = each.resource_type.id if each.resource_type else ""
        yield Link(
            text=each.identifier,
            url=_safe(url_of(each.scheme, each.identifier)),
            kind=kind,
            note=lists.RESOURCE_TYPES.label(note, language) if note else "",
        )
    for item in metadata.related_items:
        kind = lists.RELATION_TYPES.label(item.relation_type.id, language)
        title = item.titles[0].title if item.titles else (item.identifier or "")
        yield Link(title, _safe(url_of(item.scheme, item.identifier or "")), kind)


def _funding(each: Funding) -> Link:
    award = each.award
    if award is None:
        return Link(each.funder.name, None)
    named = " · ".join(part for part in (award.number, award.title) if part)
    return Link(each.funder.name, _safe(award.uri), note=named)


def _places(metadata: Metadata) -> Iterator[str]:
    return (each.place for each in metadata.locations.features if each.place)

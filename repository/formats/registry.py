"""The formats there are. To add one: a file in this folder with a class that meets `Format`.

It then stands on the page, in exports, negotiation, the typed links, the API and, where it names an
OAI prefix, in OAI-PMH. Another package adds one through an entry point of the group
`repository.formats` that names a class or a function giving a `Format`.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from repository import formats as folder
from repository.formats.base import Format, Selective
from repository.records.document import Document

# The most asked for first: it answers for a media type that several have. Others follow by name.
ORDER = (
    "json",
    "json-ld",
    "datacite-xml",
    "datacite-json",
    "oai-datacite",
    "dublin-core",
    "oai-openaire",
    "marcxml",
    "mods",
    "ddi",
    "iso19139",
    "ore",
    "dcat-ap",
    "bibtex",
    "csl",
    "ris",
    "citation",
    "cff",
    "dcat-turtle",
    "dcat-xml",
    "dcat-jsonld",
    "ro-crate",
    "croissant",
    "data-package",
    "codemeta",
)
# Other names by which clients ask: DataCite's and Crossref's negotiation, and plain XML.
ALIASES = {
    "application/vnd.schemaorg.ld+json": "json-ld",
    "application/xml": "datacite-xml",
    "text/xml": "datacite-xml",
    "application/citeproc+json": "csl",
    "text/x-bibtex": "bibtex",
    "application/x-yaml": "cff",
    "text/yaml": "cff",
}
_MEMBERS = ("name", "label", "media_type", "extension", "oai", "render")


@cache
def formats() -> tuple[Format, ...]:
    """Every format, in the order in which they are offered; ours win where a name is taken."""
    own = sorted(_in_folder(), key=_rank)
    others: list[Format] = [point.load()() for point in entry_points(group="repository.formats")]
    named = {entry.name: entry for entry in (*others, *own)}
    return tuple(dict.fromkeys((*own, *named.values())))


def _in_folder() -> Iterator[Format]:
    """One of each class in this folder that has all that a Format has."""
    for found in iter_modules(folder.__path__, f"{folder.__name__}."):
        if found.ispkg or found.name == __name__:
            continue
        for each in vars(import_module(found.name)).values():
            mine = isinstance(each, type) and each.__module__ == found.name
            if mine and all(hasattr(each, member) for member in _MEMBERS):
                yield each()


def _rank(entry: Format) -> tuple[int, str]:
    known = ORDER.index(entry.name) if entry.name in ORDER else len(ORDER)
    return known, entry.name


def offered(document: Document) -> tuple[Format, ...]:
    """The formats that have something to say of this document."""
    return tuple(entry for entry in formats() if suits(entry, document))


def suits(entry: Format, document: Document) -> bool:
    return not isinstance(entry, Selective) or entry.suits(document)


def find(name: str) -> Format | None:
    """The format that is called `name` in addresses."""
    return next((entry for entry in formats() if entry.name == name), None)


def for_media_type(media_type: str) -> Format | None:
    """The first format of a media type without parameters, for content negotiation."""
    asked = media_type.lower()
    found = next((entry for entry in formats() if entry.media_type == asked), None)
    return found or find(ALIASES.get(asked, ""))


def harvestable() -> tuple[Format, ...]:
    """The formats that OAI-PMH offers."""
    return tuple(entry for entry in formats() if entry.oai is not None)

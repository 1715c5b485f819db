"""The formats there are. To add one: a file meeting `Format`, and a line here.

Another package adds one through an entry point of the group `repository.formats` that names a class
or a function giving a `Format`.
"""

from functools import cache
from importlib.metadata import entry_points

from repository.formats.base import Format
from repository.formats.bibliography import Bibliography
from repository.formats.bibtex import Bibtex
from repository.formats.cff import Cff
from repository.formats.codemeta import CodeMeta
from repository.formats.croissant import Croissant
from repository.formats.csl_json import CslJson
from repository.formats.data_package import DataPackage
from repository.formats.datacite_json import DataCiteJson
from repository.formats.datacite_xml import DataCiteXml
from repository.formats.dcat import DcatJsonLd, DcatTurtle, DcatXml
from repository.formats.dcat_ap import DcatAp
from repository.formats.ddi import Ddi
from repository.formats.dublin_core import DublinCore
from repository.formats.iso19139 import Iso19139
from repository.formats.marcxml import MarcXml
from repository.formats.mods import Mods
from repository.formats.oai_datacite import OaiDataCite
from repository.formats.oai_openaire import OaiOpenAire
from repository.formats.ore import Ore
from repository.formats.record_json import RecordJson
from repository.formats.ris import Ris
from repository.formats.ro_crate import RoCrate
from repository.formats.schema_org import SchemaOrg

OWN: tuple[Format, ...] = (
    RecordJson(),
    SchemaOrg(),
    DataCiteXml(),
    DataCiteJson(),
    OaiDataCite(),
    DublinCore(),
    OaiOpenAire(),
    MarcXml(),
    Mods(),
    Ddi(),
    Iso19139(),
    Ore(),
    DcatAp(),
    Bibtex(),
    CslJson(),
    Ris(),
    Bibliography(),
    Cff(),
    DcatTurtle(),
    DcatXml(),
    DcatJsonLd(),
    RoCrate(),
    Croissant(),
    DataPackage(),
    CodeMeta(),
)


@cache
def formats() -> tuple[Format, ...]:
    """Every format, in the order in which they are offered; ours win where a name is taken."""
    others: tuple[Format, ...] = tuple(
        point.load()() for point in entry_points(group="repository.formats")
    )
    named = {entry.name: entry for entry in (*others, *OWN)}
    return tuple(dict.fromkeys((*OWN, *named.values())))


def find(name: str) -> Format | None:
    """The format that is called `name` in addresses."""
    return next((entry for entry in formats() if entry.name == name), None)


def for_media_type(media_type: str) -> Format | None:
    """The first format of a media type without parameters, for content negotiation."""
    return next((entry for entry in formats() if entry.media_type == media_type.lower()), None)


def harvestable() -> tuple[Format, ...]:
    """The formats that OAI-PMH offers."""
    return tuple(entry for entry in formats() if entry.oai is not None)

"""The protocol shell: what invenio-oaiserver does for us, and what is corrected in what it makes.

Only this file and `tokens` know the package. They are imported by the web process alone, when the
application is made: the package costs half a second and some forty megabytes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue
from invenio_oaiserver import InvenioOAIServer
from invenio_oaiserver import response as package
from invenio_oaiserver.verbs import ResumptionVerbs, Verbs
from invenio_oaiserver.views.server import blueprint
from itsdangerous import BadSignature
from lxml import etree
from marshmallow import ValidationError

from repository.core.settings import Settings
from repository.oai.arguments import Arguments
from repository.oai.descriptions import identify_descriptions
from repository.oai.errors import BadArgument, BadResumptionToken, OaiError
from repository.oai.formats import harvestable
from repository.oai.models import OaiSet

ENDPOINT = f"{blueprint.name}.response"
NAMESPACE = package.NS_OAIPMH
_HOLE = b"<!--records-->"


class NothingIndexed:
    """Stands where the package would ask OpenSearch for the oldest record; we know ourselves."""

    def __init__(self, **_options: Any) -> None:
        self.hits = SimpleNamespace(hits=())

    def sort(self, *_keys: Any) -> "NothingIndexed":
        return self

    def __getitem__(self, _slice: slice) -> "NothingIndexed":
        return self

    def execute(self) -> "NothingIndexed":
        return self


def base_url(settings: Settings) -> str:
    """The public address, from the configuration: never from what a client calls us."""
    return f"{settings.base_url}/oai2d"


def init_app(app: Flask, settings: Settings, view: Callable[[], ResponseReturnValue]) -> None:
    """Set up the package's extension, configuration and blueprint, with `view` as its response."""
    app.config.update(
        OAISERVER_ID_PREFIX="",
        OAISERVER_REPOSITORY_NAME=f"{settings.site_name} / {settings.site_name_en}",
        OAISERVER_ADMIN_EMAILS=[settings.admin_email],
        OAISERVER_PAGE_SIZE=settings.oai_page_size,
        OAISERVER_COMPRESSIONS=["gzip"],
        OAISERVER_RESUMPTION_TOKEN_EXPIRE_TIME=None,
        OAISERVER_REGISTER_RECORD_SIGNALS=False,
        OAISERVER_SEARCH_CLS=NothingIndexed,
        OAISERVER_DESCRIPTIONS=identify_descriptions(settings),
        OAISERVER_METADATA_FORMATS={
            prefix: {"schema": announced.schema, "namespace": announced.namespace}
            for prefix, (announced, _) in harvestable().items()
        },
    )
    InvenioOAIServer(app)
    app.register_blueprint(blueprint)
    app.view_functions[ENDPOINT] = view


def load(arguments: Arguments) -> dict[str, Any]:
    """What the package's schemas make of the arguments: dates, and what a token carries.

    Raises BadArgument, BadResumptionToken.
    """
    schemas = Verbs if arguments.token is None else ResumptionVerbs
    schema = getattr(schemas, arguments.verb)()
    try:
        loaded: dict[str, Any] = schema.load({"verb": arguments.verb, **arguments.raw})
    except BadSignature as error:
        raise BadResumptionToken("This is no resumptionToken of this repository.") from error
    except ValidationError as error:
        if arguments.token is not None:
            message = "The resumptionToken asks for a format that is no longer there."
            raise BadResumptionToken(message) from error
        raise BadArgument("The arguments cannot be understood.") from error
    return loaded


def identify(settings: Settings, now: datetime, earliest: datetime) -> bytes:
    tree = package.identify(verb="Identify")
    _correct(tree, settings, now, {"verb": "Identify"})
    _set(tree, "baseURL", base_url(settings))
    _set(tree, "earliestDatestamp", _datestamp(earliest))
    _set(tree, "deletedRecord", "persistent")
    return _bytes(tree)


def list_metadata_formats(
    settings: Settings, now: datetime, arguments: Arguments, prefixes: frozenset[str] | None
) -> bytes:
    """The formats, or those of `prefixes`, which an item has."""
    tree = package.listmetadataformats(verb=arguments.verb)
    for served in tree.iter(f"{{{NAMESPACE}}}metadataFormat"):
        prefix = served.findtext(f"{{{NAMESPACE}}}metadataPrefix")
        if prefixes is not None and prefix not in prefixes:
            served.getparent().remove(served)
    _correct(tree, settings, now, {"verb": arguments.verb, **arguments.raw})
    return _bytes(tree)


def list_sets(
    settings: Settings, now: datetime, arguments: Arguments, sets: Sequence[OaiSet], token: "Token"
) -> bytes:
    """The package's own ListSets would read a table of its own database."""
    tree, verb = package.verb(verb=arguments.verb)
    for row in sets:
        described = etree.SubElement(verb, _name("set"))
        etree.SubElement(described, _name("setSpec")).text = row.spec
        etree.SubElement(described, _name("setName")).text = _clean(row.name)
        if row.description:
            _describe(described, row.description)
    token.append_to(verb)
    _correct(tree, settings, now, {"verb": arguments.verb, **arguments.raw})
    return _bytes(tree)


def _describe(described: Any, text: str) -> None:
    """A set's description, as section 4.6 shows it: Dublin Core."""
    container = etree.SubElement(described, _name("setDescription"))
    dc = etree.SubElement(
        container, etree.QName(package.NS_OAIDC, "dc"), nsmap=package.NSMAP_DESCRIPTION
    )
    location = f"{package.NS_OAIDC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
    dc.set(etree.QName(package.NS_XSI, "schemaLocation"), location)
    etree.SubElement(dc, etree.QName(package.NS_DC, "description")).text = _clean(text)


def with_records(
    settings: Settings,
    now: datetime,
    arguments: Arguments,
    records: Sequence[bytes],
    token: "Token | None" = None,
) -> bytes:
    """An envelope with stored bytes put into it: nothing of a record is parsed to be sent."""
    tree, verb = package.verb(verb=arguments.verb)
    verb.append(etree.Comment("records"))
    if token is not None:
        token.append_to(verb)
    _correct(tree, settings, now, {"verb": arguments.verb, **arguments.raw})
    before, _, after = _bytes(tree, pretty=False).partition(_HOLE)
    return b"".join((before, *records, after))


def error(settings: Settings, now: datetime, arguments: Arguments | None, wrong: OaiError) -> bytes:
    """The answer to a request that is wrong. Without `arguments` (they were not legal) the
    `request` element has no attributes (section 3.6).
    """
    tree = package.error([(wrong.code, wrong.message)])
    echoed = {} if arguments is None else {"verb": arguments.verb, **arguments.raw}
    _correct(tree, settings, now, echoed)
    return _bytes(tree)


class Token:
    """A `resumptionToken` element; empty at the end of a list that had several pages."""

    def __init__(self, value: str, cursor: int, size: int | None) -> None:
        self.value, self.cursor, self.size = value, cursor, size

    def append_to(self, verb: Any) -> None:
        if not self.value and not self.cursor:
            return
        element = etree.SubElement(verb, _name("resumptionToken"))
        if self.size is not None:
            element.set("completeListSize", str(self.size))
        element.set("cursor", str(self.cursor))
        element.text = self.value or None


def _correct(tree: Any, settings: Settings, now: datetime, echoed: dict[str, str]) -> None:
    """What the package takes from the Host header and its own clock, and leaves out of errors."""
    _set(tree, "responseDate", _datestamp(now))
    request = tree.getroot().find(_name("request"))
    request.attrib.clear()
    request.attrib.update(echoed)
    request.text = base_url(settings)


def _set(tree: Any, name: str, text: str) -> None:
    next(tree.iter(_name(name))).text = text


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _datestamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _clean(text: str) -> str:
    cleaned: str = package.sanitize_unicode(text)
    return cleaned


def _bytes(tree: Any, *, pretty: bool = True) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", pretty_print=pretty)

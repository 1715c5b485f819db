"""From a version to what is served of it: the slow part, done outside any lock."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import ModuleType

import structlog
from lxml import etree
from sqlalchemy import select

from repository.access.documents import public_document
from repository.core import feed
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.formats.base import Format
from repository.formats.registry import suits
from repository.formats.xml import add, start
from repository.oai.formats import harvestable
from repository.oai.memberships import sets_of
from repository.oai.sets import SetEntry
from repository.records.document import Document
from repository.records.models import State, Version

log = structlog.get_logger(__name__)
PROVENANCE = "http://www.openarchives.org/OAI/2.0/provenance"
PROVENANCE_SCHEMA = "http://www.openarchives.org/OAI/2.0/provenance.xsd"
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
)


@dataclass(frozen=True)
class Rendering:
    """What is to be served of a version. `deleted` where it is not, or no longer, public.

    `bodies` are `<metadata>` elements by prefix, with an `<about>` after them where there is one;
    `failures` what a format raised instead; `unsuited` are formats that have nothing to say of it.
    `whole` when all formats were rendered. For `basis` see `OaiItem`.
    """

    version_id: str
    basis: int
    deleted: bool
    whole: bool = True
    bodies: dict[str, bytes] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    unsuited: frozenset[str] = frozenset()
    sets: tuple[SetEntry, ...] = ()


def render_versions(
    runtime: Runtime, version_ids: Sequence[str], prefixes: frozenset[str] | None = None
) -> list[Rendering]:
    """Render versions as they are now, in all formats or in those of `prefixes`."""
    with runtime.read() as work:
        basis = feed.last_seq(work.session)  # first: what is read after it is at least as new
        query = select(Version).where(
            Version.id.in_(version_ids), Version.state != State.DRAFT.value
        )
        return [_render(work, version, basis, prefixes) for version in work.session.scalars(query)]


def _render(work: Work, version: Version, basis: int, prefixes: frozenset[str] | None) -> Rendering:
    document = public_document(work, version)
    if document is None or document.withdrawn:
        return Rendering(version.id, basis, deleted=True)
    bodies: dict[str, bytes] = {}
    failures: dict[str, str] = {}
    unsuited: set[str] = set()
    for prefix, (_, served) in harvestable().items():
        if prefixes is not None and prefix not in prefixes:
            continue
        if not suits(served, document):
            unsuited.add(prefix)
            continue
        try:
            bodies[prefix] = metadata_element(served, document) + provenance(document)
        except Exception as error:
            log.warning("format failed", prefix=prefix, version=version.id, exc_info=error)
            failures[prefix] = f"{type(error).__name__}: {error}"[:2000]
    sets = sets_of(work, document)
    whole = prefixes is None
    left_out = frozenset(unsuited)
    return Rendering(version.id, basis, False, whole, bodies, failures, left_out, sets)


def metadata_element(served: Format, document: Document) -> bytes:
    """The `<metadata>` element of section 2.5, to be put into a page as it is.

    Parsed and written again: it is then sure to be one well-formed element, without a declaration
    and in UTF-8. An element in no namespace would fall into the protocol's. Raises ValueError,
    XMLSyntaxError.
    """
    root = etree.fromstring(served.render(document), _PARSER)
    if etree.QName(root).namespace is None:
        raise ValueError("the root element has no namespace")
    return (
        b"<metadata>"
        + etree.tostring(root, encoding="UTF-8", xml_declaration=False)
        + (b"</metadata>")
    )


def provenance(document: Document) -> bytes:
    """The `<about>` of a record that was harvested, so that whoever harvests it here sees that it
    is another's (Implementation Guidelines for OAI-PMH: provenance); nothing of one of our own.
    """
    source = document.source
    if source is None:
        return b""
    root = start("provenance", PROVENANCE, PROVENANCE_SCHEMA)
    moment = f"{source.harvested_at:%Y-%m-%dT%H:%M:%SZ}"
    origin = add(root, "originDescription", None, {"harvestDate": moment, "altered": "true"})
    told = {
        "baseURL": source.base_url,
        "identifier": source.identifier,
        "datestamp": source.datestamp,
        "metadataNamespace": source.namespace,
    }
    for name, text in told.items():
        add(origin, name, text)
    return b"<about>" + etree.tostring(root, encoding="UTF-8", xml_declaration=False) + b"</about>"


def fingerprints() -> dict[str, str]:
    """A digest of each format's code, by prefix: when it changes, what it rendered is made anew."""
    return {prefix: _fingerprint(served) for prefix, (_, served) in harvestable().items()}


def _fingerprint(served: Format) -> str:
    digest = sha256()
    for source in _sources(served):
        digest.update(source.encode())
    return digest.hexdigest()


def _sources(served: Format) -> Iterator[str]:
    """The format's module, and the modules of its own package that it uses, each once."""
    module = inspect.getmodule(type(served))
    package = (module.__name__ if module else "").rpartition(".")[0]
    seen: set[str] = set()
    waiting: list[ModuleType | None] = [module]
    while waiting:
        one = waiting.pop()
        if one is None or one.__name__ in seen or not one.__name__.startswith(package + "."):
            continue
        seen.add(one.__name__)
        yield inspect.getsource(one)
        members = (inspect.getmodule(member) for member in vars(one).values())
        used = {member.__name__: member for member in members if member is not None}
        waiting += [used[name] for name in sorted(used)]

"""The `description` containers of Identify: what the protocol itself has no element for."""

from lxml import etree

from repository.core.settings import Settings
from repository.formats.dublin_core import DC
from repository.formats.dublin_core import NAMESPACE as OAI_DC
from repository.formats.dublin_core import SCHEMA as OAI_DC_SCHEMA
from repository.formats.xml import LANG, add, start
from repository.oai.identifiers import DELIMITER, SCHEME, identifier_domain, oai_identifier

OAI = "http://www.openarchives.org/OAI/2.0"
SAMPLE_ID = "k3x9a-1mz42"


def identify_descriptions(settings: Settings) -> list[bytes]:
    """How identifiers are made and what is in here; on what terms, with which face and beside
    whom where the operator has said so.
    """
    found = [_oai_identifier(settings), _collection(settings)]
    if settings.oai_metadata_rights:
        found.append(_rights(settings))
    if settings.oai_icon_url:
        found.append(_branding(settings))
    if settings.oai_friends:
        found.append(_friends(settings))
    return [etree.tostring(element, encoding="UTF-8") for element in found]


def _oai_identifier(settings: Settings) -> etree._Element:
    """http://www.openarchives.org/OAI/2.0/guidelines-oai-identifier.htm"""
    namespace = f"{OAI}/oai-identifier"
    element = start("oai-identifier", namespace, f"{namespace}.xsd")
    add(element, "scheme", SCHEME)
    add(element, "repositoryIdentifier", identifier_domain(settings))
    add(element, "delimiter", DELIMITER)
    add(element, "sampleIdentifier", oai_identifier(settings, SAMPLE_ID))
    return element


def _collection(settings: Settings) -> etree._Element:
    """The repository as a collection, in the container that section 4.6 shows for sets."""
    element = start("dc", OAI_DC, OAI_DC_SCHEMA, {"oai_dc": OAI_DC, "dc": DC})
    add(element, f"{{{DC}}}title", settings.site_name, {LANG: "vi"})
    add(element, f"{{{DC}}}title", settings.site_name_en, {LANG: "en"})
    add(element, f"{{{DC}}}publisher", settings.publisher)
    add(element, f"{{{DC}}}type", "Collection")
    add(element, f"{{{DC}}}identifier", f"{settings.base_url}/")
    add(element, f"{{{DC}}}relation", f"{settings.base_url}/about/repository.json")
    add(element, f"{{{DC}}}relation", f"{settings.base_url}/dumps/manifest.json")
    return element


def _rights(settings: Settings) -> etree._Element:
    """What may be done with the metadata, by reference.

    http://www.openarchives.org/OAI/2.0/guidelines-rights.htm
    """
    element = start("rightsManifest", f"{OAI}/rights/", f"{OAI}/rightsManifest.xsd")
    element.set("appliesTo", f"{OAI}/entity#metadata")
    add(add(element, "rights"), "rightsReference", None, {"ref": settings.oai_metadata_rights})
    return element


def _branding(settings: Settings) -> etree._Element:
    """http://www.openarchives.org/OAI/2.0/guidelines-branding.htm"""
    element = start("branding", f"{OAI}/branding/", f"{OAI}/branding.xsd")
    icon = add(element, "collectionIcon")
    add(icon, "url", settings.oai_icon_url)
    add(icon, "link", f"{settings.base_url}/")
    add(icon, "title", settings.site_name)
    return element


def _friends(settings: Settings) -> etree._Element:
    """http://www.openarchives.org/OAI/2.0/guidelines-friends.htm"""
    element = start("friends", f"{OAI}/friends/", f"{OAI}/friends.xsd")
    for address in settings.oai_friends:
        add(element, "baseURL", address)
    return element

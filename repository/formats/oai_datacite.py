"""DataCite XML in the envelope that DataCite and OpenAIRE harvest (oai_datacite 1.1)."""

from repository.formats import datacite_xml
from repository.formats.base import Oai
from repository.formats.xml import add, serialise, start
from repository.records.document import Document

NAMESPACE = "http://schema.datacite.org/oai/oai-1.1/"
SCHEMA = "http://schema.datacite.org/oai/oai-1.1/oai.xsd"


class OaiDataCite:
    name = "oai-datacite"
    label = "DataCite XML (OAI-PMH)"
    media_type = "application/x-datacite-oai+xml"
    extension = "xml"
    oai: Oai | None = Oai("oai_datacite", SCHEMA, NAMESPACE)

    def render(self, document: Document) -> bytes:
        root = start("oai_datacite", NAMESPACE, SCHEMA)
        add(root, "schemaVersion", "4.7")
        add(root, "datacentreSymbol", document.repository_name)
        add(root, "payload").append(datacite_xml.element(document))
        return serialise(root)

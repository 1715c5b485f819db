"""One formatted citation as text, as DOI registration agencies give it (`text/x-bibliography`).

After https://citation.crosscite.org/docs.html: `style` and `locale` are parameters of the type.
"""

from repository.formats.base import Oai
from repository.formats.citation import citation
from repository.formats.citation_styles import DEFAULT, Style
from repository.records.document import Document


class Bibliography:
    name = "citation"
    label = "Citation"
    media_type = "text/x-bibliography"
    extension = "txt"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        return self.styled(document, DEFAULT, "vi")

    def styled(self, document: Document, style: Style, language: str) -> bytes:
        return f"{citation(document, language, style)}\n".encode()

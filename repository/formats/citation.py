"""Formatted citations: one text for a style and a language, made by a CSL processor.

In Vietnamese, and in the Vietnamese convention always, a Vietnamese name is written out with the
family name first: initials of given names tell nobody apart who shares one of a few family names.
"""

import json
import re
import warnings
from functools import lru_cache
from io import BytesIO
from typing import Any

from repository.formats import csl_json
from repository.formats.citation_styles import DEFAULT, LOCALES, Style, source
from repository.formats.people import family_first
from repository.records.document import Document
from repository.records.metadata.vocabularies import RESOURCE_TYPES

CACHED = 4096
_NUMBER = re.compile(r"^\s*[\[(]?1[\])]?\.?\s*")


def citation(document: Document, language: str = "vi", style: Style = DEFAULT) -> str:
    """The citation as plain text, with the DOI's or the landing page's address."""
    spoken = "vi" if language.startswith("vi") else "en"
    item = json.dumps(_item(document, spoken, style), ensure_ascii=False, sort_keys=True)
    return _rendered(item, document.doi_url or document.url, spoken, style)


def _item(document: Document, language: str, style: Style) -> dict[str, Any]:
    """CSL-JSON as this language and style want it.

    A DOI that only this site resolves is given as an address, for styles put doi.org before a DOI.
    """
    item = csl_json.item(document)
    item["id"] = "item"
    item["title"] = document.metadata.title(language)
    item["language"] = "vi"  # of an English item the titles would be capitalised, all of them
    if style.month_first and language == "vi":
        item["issued"] = {"date-parts": [part[:1] for part in item["issued"]["date-parts"]]}
    item["genre"] = RESOURCE_TYPES.label(document.metadata.resource_type.id, language).lower()
    if item["type"] in ("dataset", "software") and not style.full_names:
        del item["genre"]
    for unused in ("abstract", "keyword"):
        item.pop(unused, None)
    if document.doi and document.doi_url != f"https://doi.org/{document.doi}":
        del item["DOI"]
    if language == "vi" or style.full_names:
        for role in ("author", "editor"):
            item[role] = [_written_out(name) for name in item.get(role, ())]
    return {key: value for key, value in item.items() if value}


def _written_out(name: dict[str, str]) -> dict[str, str]:
    family, given = name.get("family"), name.get("given")
    if not family or not family_first(family):
        return name
    return {"literal": f"{family} {given}" if given else family}


@lru_cache(maxsize=CACHED)
def _rendered(item: str, address: str, language: str, style: Style) -> str:
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
    from citeproc import formatter as formatters
    from citeproc.source.json import CiteProcJSON

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # variables of CSL that citeproc-py does not know
        made = CitationStylesStyle(
            BytesIO(source(style, language)), locale=LOCALES[language], validate=False
        )
        bibliography = CitationStylesBibliography(
            made, CiteProcJSON([json.loads(item)]), formatters.plain
        )
        bibliography.register(Citation([CitationItem("item")]))
        entries = bibliography.bibliography()
    text = " ".join(str(entries[0]).split()) if entries else ""
    return _with_address(_NUMBER.sub("", text) if style.numeric else text, address)


def _with_address(text: str, address: str) -> str:
    """Some styles print no address; a citation of data that leads nowhere is of no use."""
    doi = address.removeprefix("https://doi.org/")
    if address in text or (doi != address and doi in text):
        return text
    return f"{text.rstrip('. ')}. {address}"

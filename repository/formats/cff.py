"""Citation File Format 1.2.0: the `CITATION.cff` that lies beside code and data."""

from typing import Any

import yaml

from repository.formats.base import Oai
from repository.formats.people import name_parts
from repository.records.document import Document
from repository.records.metadata.identifiers import url
from repository.records.metadata.licences import find_licence
from repository.records.metadata.people import Creator
from repository.records.metadata.vocabularies import RESOURCE_TYPES

_SOFTWARE = ("Software", "ComputationalNotebook")


class Cff:
    name = "cff"
    label = "Citation File Format"
    media_type = "application/yaml"
    profile = "https://citation-file-format.github.io/1.2.0/"
    extension = "cff"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        text: str = yaml.safe_dump(citation_file(document), allow_unicode=True, sort_keys=False)
        return text.encode()


def citation_file(document: Document) -> dict[str, Any]:
    """The members of the file. CFF knows two types: `software` and, for all else, `dataset`."""
    metadata = document.metadata
    general = RESOURCE_TYPES.datacite(metadata.resource_type.id)
    day = metadata.publication_date.partition("/")[0]
    found = (find_licence(right.id) for right in metadata.rights if right.id)
    licences = [licence.spdx for licence in found if licence is not None]
    made: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this, please cite it as below.",
        "type": "software" if general in _SOFTWARE else "dataset",
        "title": metadata.title(),
        "authors": [_author(creator) for creator in metadata.creators],
        "version": metadata.version,
        "date-released": day if len(day) == 10 else None,
        "doi": document.doi,
        "url": document.url,
        "abstract": metadata.description(),
        "keywords": list(dict.fromkeys(subject.subject for subject in metadata.subjects)),
        "license": licences if licences[1:] else "".join(licences),
    }
    return {key: value for key, value in made.items() if value}


def _author(creator: Creator) -> dict[str, str]:
    person = creator.person_or_org
    parts = name_parts(person)
    if parts is None:
        return {"name": person.name}
    family, given = parts
    orcid = person.known_as("orcid")
    stated = {
        "family-names": family,
        "given-names": given,
        "orcid": url("orcid", orcid) if orcid else None,
        "affiliation": "; ".join(each.name for each in creator.affiliations),
    }
    return {key: value for key, value in stated.items() if value}

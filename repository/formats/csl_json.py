"""CSL-JSON 1.0, which reference managers and citation processors read."""

import json
from typing import Any

from repository.formats.base import Oai
from repository.formats.people import in_role, name_parts, persons
from repository.records.document import Document
from repository.records.metadata import Metadata
from repository.records.metadata.languages import bcp_47
from repository.records.metadata.people import PersonOrOrg
from repository.records.metadata.relations import RelatedItem
from repository.records.metadata.vocabularies import RESOURCE_TYPES

# By DataCite's general type; the names are CSL 1.0.2's, appendix III.
TYPES = {
    "Dataset": "dataset",
    "Software": "software",
    "ComputationalNotebook": "software",
    "JournalArticle": "article-journal",
    "DataPaper": "article-journal",
    "Preprint": "article",
    "Book": "book",
    "BookChapter": "chapter",
    "ConferencePaper": "paper-conference",
    "ConferenceProceeding": "book",
    "Dissertation": "thesis",
    "Report": "report",
    "Standard": "standard",
    "PeerReview": "review",
    "Image": "graphic",
    "Audiovisual": "motion_picture",
    "Sound": "song",
    "Presentation": "speech",
    "Poster": "speech",
    "Collection": "collection",
    "Event": "event",
    "InteractiveResource": "webpage",
}


class CslJson:
    name = "csl"
    label = "CSL JSON"
    media_type = "application/vnd.citationstyles.csl+json"
    profile = "https://citationstyles.org/schema/v1.0/input/json/csl-data.json"
    extension = "json"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        return json.dumps(item(document), ensure_ascii=False, indent=2).encode()


def item(document: Document) -> dict[str, Any]:
    """One CSL item; members without a value are left out."""
    metadata = document.metadata
    made: dict[str, Any] = {
        "id": document.doi or document.id,
        "type": TYPES.get(RESOURCE_TYPES.datacite(metadata.resource_type.id), "document"),
        "title": metadata.title(),
        "author": [_name(p) for p in persons(metadata.creators)],
        "editor": [_name(p) for p in persons(in_role(metadata.contributors, "editor"))],
        "issued": {"date-parts": date_parts(metadata.publication_date)},
        "publisher": metadata.publisher,
        "version": metadata.version,
        "abstract": metadata.description(),
        "language": bcp_47(metadata.languages[0].id) if metadata.languages else None,
        "keyword": ", ".join(subject.subject for subject in metadata.subjects),
        "DOI": document.doi,
        "URL": document.doi_url or document.url,
    }
    container = container_of(metadata)
    if container is not None:
        pages = [page for page in (container.first_page, container.last_page) if page]
        made |= {
            "container-title": container.titles[0].title,
            "volume": container.volume,
            "issue": container.issue,
            "page": "-".join(pages),
        }
    return {key: value for key, value in made.items() if value}


def date_parts(date: str) -> list[list[int]]:
    """`2024-05-17` as [[2024, 5, 17]]; a period as its two ends."""
    return [[int(part) for part in end[:10].split("-")] for end in date.split("/")]


def container_of(metadata: Metadata) -> RelatedItem | None:
    """The journal, book or series in which this was published, if it is described."""
    for related in metadata.related_items:
        if related.relation_type.id in ("ispublishedin", "ispartof") and related.titles:
            return related
    return None


def _name(person: PersonOrOrg) -> dict[str, str]:
    parts = name_parts(person)
    if parts is None:
        return {"literal": person.name}
    family, given = parts
    return {"family": family} | ({"given": given} if given else {})

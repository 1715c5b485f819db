"""Citation File Format 1.2 (github.com/citation-file-format): who made it, what it is called."""

from typing import Any

import yaml

from repository.formats.base import Understood, UnreadableMetadata
from repository.formats.reading.base import (
    JSON,
    MAX_TEXT,
    decoded,
    doi_in,
    left_over,
    licence,
    listed,
    organisation,
    person,
    related,
    text,
    without_empty,
)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # yaml publishes no types
    """Without aliases, whose expansion could be endless; dates stay as they are written."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise UnreadableMetadata("YAML with aliases (*name) is not read.")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, expression) for tag, expression in resolvers if "timestamp" not in tag]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def understand(data: bytes) -> Understood:
    """Raises UnreadableMetadata."""
    try:
        told = yaml.load(decoded(data), Loader=_Loader)  # noqa: S506 a SafeLoader that does less
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UnreadableMetadata(f"This is not YAML: {error}") from error
    if not isinstance(told, dict) or "cff-version" not in told:
        raise UnreadableMetadata("This is no citation file: it has no cff-version.")
    told = {str(key): value for key, value in told.items()}
    software = told.pop("type", "software") != "dataset"
    licences = [licence(text(each)) for each in listed(told.pop("license", None))]
    if other := licence(text(told.pop("license-url", None))):
        licences.append(other)
    identifiers = [i for i in listed(told.pop("identifiers", None)) if isinstance(i, dict)]
    doi = doi_in(
        text(told.pop("doi", None)), *(text(i.get("value")) for i in identifiers if _is_doi(i))
    )
    code = text(told.pop("repository-code", None)) or text(told.pop("repository", None))
    metadata: JSON = {
        "resource_type": {"id": "software" if software else "dataset"},
        "titles": [{"title": title}] if (title := text(told.pop("title", None))) else [],
        "creators": [_creator(each) for each in listed(told.pop("authors", None)) if each],
        "version": text(told.pop("version", None)),
        "publication_date": text(told.pop("date-released", None)),
        "subjects": [
            {"subject": w} for each in listed(told.pop("keywords", [])) if (w := text(each))
        ],
        "rights": [each for each in licences if each],
        "descriptions": _abstract(text(told.pop("abstract", None), MAX_TEXT)),
        "related_identifiers": [related(code, "issupplementto")] if code else [],
    }
    left = left_over(told, "cff-version", "message", "url")
    return Understood(without_empty(metadata), doi, left)


def _is_doi(identifier: JSON) -> bool:
    return identifier.get("type") == "doi"


def _abstract(words: str) -> list[JSON]:
    return [{"description": words, "type": {"id": "abstract"}}] if words else []


def _creator(author: Any) -> JSON:
    told = author if isinstance(author, dict) else {"name": text(author)}
    ids = (text(told.get("orcid")), text(told.get("ror")))
    if told.get("name"):
        party = organisation(text(told["name"]), *ids)
    else:
        particle = text(told.get("name-particle"))
        family = " ".join(filter(None, [particle, text(told.get("family-names"))]))
        given = " ".join(
            filter(None, [text(told.get("given-names")), text(told.get("name-suffix"))])
        )
        party = person(family, given, *ids)
    homes = [home.strip() for home in text(told.get("affiliation")).split(";") if home.strip()]
    return {"person_or_org": party} | (
        {"affiliations": [{"name": home} for home in homes]} if homes else {}
    )

"""DataCite's names of things beside the model's, read in both directions.

The left names are those of the DataCite REST API's JSON; the XML has the same with `URI` for `Uri`.
"""

from collections.abc import Mapping
from typing import Any

from repository.records.metadata import vocabularies as lists
from repository.records.metadata.licences import find_licence
from repository.records.metadata.vocabulary import Vocabulary

TYPE_NAMES: Mapping[str, Vocabulary] = {
    "nameType": lists.NAME_TYPES,
    "titleType": lists.TITLE_TYPES,
    "contributorType": lists.CONTRIBUTOR_TYPES,
    "dateType": lists.DATE_TYPES,
    "descriptionType": lists.DESCRIPTION_TYPES,
    "relationType": lists.RELATION_TYPES,
    "resourceTypeGeneral": lists.RESOURCE_TYPES,
    "relatedItemType": lists.RESOURCE_TYPES,
    "numberType": lists.NUMBER_TYPES,
    "relatedIdentifierType": lists.RELATED_SCHEMES,
    "relatedItemIdentifierType": lists.RELATED_SCHEMES,
    "alternateIdentifierType": lists.RELATED_SCHEMES,
    "nameIdentifierScheme": lists.NAME_SCHEMES,
    "affiliationIdentifierScheme": lists.NAME_SCHEMES,
    "publisherIdentifierScheme": lists.NAME_SCHEMES,
    "funderIdentifierType": lists.FUNDER_SCHEMES,
}

TITLE = {"title": "title", "titleType": "type", "lang": "lang"}
DESCRIPTION = {"description": "description", "descriptionType": "type", "lang": "lang"}
SUBJECT = {
    "subject": "subject",
    "subjectScheme": "scheme",
    "schemeUri": "scheme_uri",
    "valueUri": "value_uri",
    "classificationCode": "classification_code",
    "lang": "lang",
}
NAME = {
    "name": "name",
    "nameType": "type",
    "givenName": "given_name",
    "familyName": "family_name",
    "lang": "lang",
}
NAME_IDENTIFIER = {
    "nameIdentifier": "identifier",
    "nameIdentifierScheme": "scheme",
    "schemeUri": "scheme_uri",
}
AFFILIATION_IDENTIFIER = {
    "affiliationIdentifier": "identifier",
    "affiliationIdentifierScheme": "scheme",
    "schemeUri": "scheme_uri",
}
PUBLISHER = {
    "publisherIdentifier": "identifier",
    "publisherIdentifierScheme": "scheme",
    "schemeUri": "scheme_uri",
    "lang": "lang",
}
DATE = {"date": "date", "dateType": "type", "dateInformation": "description"}
ALTERNATE = {"alternateIdentifier": "identifier", "alternateIdentifierType": "scheme"}
RELATION = {
    "relationType": "relation_type",
    "relationTypeInformation": "relation_type_information",
}
_SCHEME = {
    "relatedMetadataScheme": "related_metadata_scheme",
    "schemeUri": "scheme_uri",
    "schemeType": "scheme_type",
}
RELATED = {
    "relatedIdentifier": "identifier",
    "relatedIdentifierType": "scheme",
    "resourceTypeGeneral": "resource_type",
    **RELATION,
    **_SCHEME,
}
ITEM_IDENTIFIER = {
    "relatedItemIdentifier": "identifier",
    "relatedItemIdentifierType": "scheme",
    **_SCHEME,
}
ITEM = {
    "relatedItemType": "resource_type",
    **RELATION,
    "publicationYear": "publication_year",
    "volume": "volume",
    "issue": "issue",
    "number": "number",
    "numberType": "number_type",
    "firstPage": "first_page",
    "lastPage": "last_page",
    "publisher": "publisher",
    "edition": "edition",
}
RIGHTS = {
    "rights": "title",
    "rightsUri": "link",
    "rightsIdentifier": "id",
    "rightsIdentifierScheme": "scheme",
    "schemeUri": "scheme_uri",
    "lang": "lang",
}
FUNDER_IDENTIFIER = {
    "funderIdentifier": "identifier",
    "funderIdentifierType": "scheme",
    "schemeUri": "scheme_uri",
}
AWARD = {
    "awardNumber": "number",
    "awardUri": "uri",
    "awardTitle": "title",
    "awardTitleLang": "lang",
}


def written(part: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Members of a part of the model under DataCite's names, terms as DataCite writes them."""
    return {theirs: _value(theirs, part[ours]) for theirs, ours in names.items() if ours in part}


def told(entry: Any, names: Mapping[str, str]) -> Any:
    """Members of a DataCite object under the model's names; what is no object stays as it is,

    for the model to complain of.
    """
    if not isinstance(entry, Mapping):
        return entry
    entry = {str(key).replace("URI", "Uri"): value for key, value in entry.items()}
    found = {ours: entry[theirs] for theirs, ours in names.items() if theirs in entry}
    return {key: value for key, value in found.items() if value is not None}


def each(entries: Any, names: Mapping[str, str]) -> Any:
    return [told(entry, names) for entry in entries] if isinstance(entries, list) else entries


def _value(name: str, value: Any) -> Any:
    known = value["id"] if isinstance(value, dict) else value
    if name == "rightsIdentifier":
        licence = find_licence(known)
        return licence.spdx if licence else known
    return TYPE_NAMES[name].datacite(known) if name in TYPE_NAMES else known

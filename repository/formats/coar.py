"""The COAR vocabularies (https://vocabularies.coar-repositories.org): types and access."""

from typing import NamedTuple

from repository.records.metadata.vocabularies import RESOURCE_TYPES

_TYPE = "http://purl.org/coar/resource_type/"
_ACCESS = "http://purl.org/coar/access_right/"


class Concept(NamedTuple):
    """A concept's address and English label."""

    uri: str
    label: str


# Resource Types 3.0, by the names of DataCite.
_TYPES = {
    "Audiovisual": ("c_12ce", "video"),
    "Book": ("c_2f33", "book"),
    "BookChapter": ("c_3248", "book part"),
    "ComputationalNotebook": ("QH80-2R4E", "source code"),
    "ConferencePaper": ("c_5794", "conference paper"),
    "ConferenceProceeding": ("c_f744", "conference proceedings"),
    "DataPaper": ("c_beb9", "data paper"),
    "Dataset": ("c_ddb1", "dataset"),
    "Dissertation": ("c_46ec", "thesis"),
    "Image": ("c_c513", "image"),
    "InteractiveResource": ("c_e9a0", "interactive resource"),
    "Journal": ("c_0640", "journal"),
    "JournalArticle": ("c_6501", "journal article"),
    "OutputManagementPlan": ("c_ab20", "data management plan"),
    "PeerReview": ("H9BQ-739P", "peer review"),
    "Poster": ("c_6670", "conference poster"),
    "Preprint": ("c_816b", "preprint"),
    "Presentation": ("R60J-J5BD", "conference presentation"),
    "Report": ("c_93fc", "report"),
    "Software": ("c_5ce6", "software"),
    "Sound": ("c_18cc", "sound"),
    "Text": ("c_18cf", "text"),
    "Workflow": ("c_393c", "workflow"),
}
# Access Rights 1.0, by the words of our access status.
_RIGHTS = {
    "open": ("c_abf2", "open access"),
    "embargoed": ("c_f1cf", "embargoed access"),
    "restricted": ("c_16ec", "restricted access"),
    "metadata-only": ("c_14cb", "metadata only access"),
}


def resource_type(identifier: str) -> Concept:
    """The concept nearest to one of our resource types."""
    known = _TYPES.get(RESOURCE_TYPES.datacite(identifier), ("c_1843", "other"))
    return Concept(_TYPE + known[0], known[1])


def access_right(status: str) -> Concept:
    code, label = _RIGHTS[status]
    return Concept(_ACCESS + code, label)

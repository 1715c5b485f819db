"""Sufficient (đủ): whoever finds the data knows enough to use them."""

import re

from repository.core.messages import N_
from repository.quality.checks.base import Check, Criterion
from repository.quality.subject import Subject, schemes, term

LEAST_ABSTRACT = 100
LEAST_KEYWORDS = 3
_README = re.compile(
    r"(^|/)(read.?me|đọc|doc_|codebook|data.?dictionary|từ điển)[^/]*$", re.IGNORECASE
)
_TEXTS = (".md", ".pdf", ".docx", ".odt", ".html")


def _abstract(subject: Subject) -> bool:
    told = [each for each in subject.listed("descriptions") if term(each, "type") == "abstract"]
    said = (str(each.get("description") or "") for each in told or subject.listed("descriptions"))
    return any(len(each) >= LEAST_ABSTRACT for each in said)


def _keywords(subject: Subject) -> bool:
    return len(subject.topics()) >= LEAST_KEYWORDS


def _affiliated(subject: Subject) -> bool | None:
    people = [
        each
        for each in subject.listed("creators")
        if (each.get("person_or_org") or {}).get("type") != "organizational"
    ]
    return all(each.get("affiliations") for each in people) if people else None


def _orcid(subject: Subject) -> bool | None:
    people = [each for each in subject.people() if each.get("type") == "personal"]
    return any("orcid" in schemes(each) for each in people) if people else None


def _coverage(subject: Subject) -> bool | None:
    if not term(subject.metadata, "resource_type").startswith("dataset"):
        return None
    dated = {term(each, "type") for each in subject.listed("dates")}
    places = (subject.metadata.get("locations") or {}).get("features")
    return bool(places) or bool(dated & {"collected", "coverage"})


def _readme(subject: Subject) -> bool | None:
    paths = [file.path.lower() for file in subject.files]
    if not paths:
        return None
    return any(_README.search(path) or path.endswith(_TEXTS) for path in paths)


def _columns(subject: Subject) -> bool | None:
    columns = subject.columns()
    if not columns:
        return None
    told = sum(bool(each.get("label") or each.get("description")) for each in columns)
    return 2 * told >= len(columns)


CRITERION = Criterion(
    "sufficient",
    N_("Sufficient"),
    N_("Whoever finds the data knows what they are, whose, from where, and how to read them."),
    (
        Check(
            "abstract",
            3,
            N_("A summary of a hundred characters or more"),
            N_("It is what readers and search engines judge by."),
            N_("Say in a few sentences what the data are, from where and when."),
            _abstract,
        ),
        Check(
            "keywords",
            2,
            N_("Three keywords or more"),
            N_("They are found by words that the title does not hold."),
            N_("Add keywords or subjects."),
            _keywords,
        ),
        Check(
            "affiliations",
            1,
            N_("Every author's institution"),
            N_("It tells people of one name apart, and credits the institution."),
            N_("Add an affiliation to each author."),
            _affiliated,
        ),
        Check(
            "orcid",
            1,
            N_("An ORCID iD for an author"),
            N_("It leads to the person for good, whatever their address."),
            N_("Add the ORCID iD of an author."),
            _orcid,
        ),
        Check(
            "coverage",
            1,
            N_("The place or the time that the data are about"),
            N_("Data are sought by place and year."),
            N_("Add a place, or the dates of collection or coverage."),
            _coverage,
        ),
        Check(
            "readme",
            2,
            N_("A file that explains the others"),
            N_("A download goes on without this page."),
            N_("Add a README that says what each file holds."),
            _readme,
            of_files=True,
        ),
        Check(
            "columns-described",
            2,
            N_("Columns of tables are explained"),
            N_("A column's name alone seldom says what was measured."),
            N_("Describe the columns, beside the file in the form."),
            _columns,
            of_files=True,
        ),
    ),
)

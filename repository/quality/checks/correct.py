"""Correct (đúng): what is said can be true."""

from repository.core.messages import N_
from repository.quality.checks.base import Check, Criterion
from repository.quality.signs import contradicts
from repository.quality.subject import Subject, term


def _valid(subject: Subject) -> bool:
    return not any(p.severity == "error" for p in subject.problems)


def _plausible(subject: Subject) -> bool:
    return not any(p.severity == "warning" for p in subject.problems)


def _not_ahead(subject: Subject) -> bool:
    told = str(subject.metadata.get("publication_date") or "")[:10]
    return told <= subject.today.isoformat()


def _ordered(subject: Subject) -> bool | None:
    """Spans begin before they end; what was collected or made was not so in the future."""
    told = [(term(each, "type"), str(each.get("date") or "")) for each in subject.listed("dates")]
    spans = [
        (start, end)
        for _, text in told
        for start, slash, end in [text.partition("/")]
        if slash and start[:4].isdigit() and end[:4].isdigit()
    ]
    past = [text.partition("/")[0] for kind, text in told if kind in ("collected", "created")]
    today = subject.today.isoformat()
    if not spans and not past:
        return None
    forward = all(start[: len(end)] <= end[: len(start)] for start, end in spans)
    return forward and all(start <= today[: len(start)] for start in past)


def _as_named(subject: Subject) -> bool | None:
    looked = [file for file in subject.files if file.sign]
    return not any(contradicts(file.path, file.sign) for file in looked) if looked else None


def _bytes_hold(subject: Subject) -> bool | None:
    return subject.standing.fixity != "fail" if subject.standing and subject.files else None


def _readable(subject: Subject) -> bool | None:
    tables = [file.table for file in subject.files if file.table is not None]
    wrong = {"unreadable", "empty"}
    return not any(table.refusal in wrong for table in tables) if tables else None


def _one_type(subject: Subject) -> bool | None:
    tables = subject.tables()
    return not any("mixed-type" in table.problems for table in tables) if tables else None


CRITERION = Criterion(
    "correct",
    N_("Correct"),
    N_("What is said of the data can be true, and the files are what they claim to be."),
    (
        Check(
            "metadata-valid",
            3,
            N_("The description follows the DataCite schema"),
            N_("Other systems can take it over without loss."),
            N_("Correct the fields marked in the form."),
            _valid,
        ),
        Check(
            "details-plausible",
            2,
            N_("Identifiers and dates can be true"),
            N_("A wrong check digit leads readers to somebody else."),
            N_("Look at the warnings beside identifiers and dates in the form."),
            _plausible,
        ),
        Check(
            "date-not-ahead",
            1,
            N_("The date of publication is not in the future"),
            N_("A citation names that year."),
            N_("Give the day on which the data were first published."),
            _not_ahead,
        ),
        Check(
            "dates-ordered",
            1,
            N_("Periods begin before they end, and nothing was collected in the future"),
            N_("Swapped or mistyped dates place the data in the wrong years."),
            N_("Correct the dates in the form."),
            _ordered,
        ),
        Check(
            "files-as-named",
            2,
            N_("Files are of the kind that their names say"),
            N_("Programs choose how to open a file by the end of its name."),
            N_("Rename the file, or save it in the format of its name, in a new version."),
            _as_named,
            of_files=True,
        ),
        Check(
            "bytes-hold",
            3,
            N_("The stored bytes still have their checksums"),
            N_("A changed bit can change a result."),
            N_("Operators are told; they restore the file from its backup."),
            _bytes_hold,
            of_files=True,
        ),
        Check(
            "files-readable",
            2,
            N_("Tables can be opened"),
            N_("A file that is empty or damaged helps nobody."),
            N_("Open the file, save it again and upload it in a new version."),
            _readable,
            of_files=True,
        ),
        Check(
            "one-type-a-column",
            2,
            N_("Each column of a table holds values of one type"),
            N_("Programs stop at a word among numbers."),
            N_("The table's page names the rows; mend them or leave the cells empty."),
            _one_type,
            of_files=True,
        ),
    ),
)

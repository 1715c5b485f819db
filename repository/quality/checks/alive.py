"""Alive (sống): somebody stands behind the data, and they are still right."""

from repository.core.messages import N_
from repository.quality.checks.base import Check, Criterion
from repository.quality.subject import Subject, schemes, term
from repository.records.metadata.frequencies import PERIODS

GRACE = 1.5
# What time alone can bring about: owners are told when it does.
OVERDUE = frozenset({"still-valid", "update-kept", "recently-checked"})
CONTACTS = {"contactperson", "datamanager", "datacurator", "rightsholder"}


def _contact(subject: Subject) -> bool:
    roles = {term(each, "role") for each in subject.listed("contributors")}
    return bool(roles & CONTACTS) or any("orcid" in schemes(p) for p in subject.people())


def _contact_answers(subject: Subject) -> bool | None:
    return subject.standing.contact_answers if subject.standing is not None else None


def _still_valid(subject: Subject) -> bool | None:
    told = [each for each in subject.listed("dates") if term(each, "type") == "valid"]
    ends = [str(each.get("date") or "").rpartition("/")[2][:10] for each in told]
    ends = [end for end in ends if end]
    today = subject.today.isoformat()
    return all(today[: len(end)] <= end for end in ends) if ends else None


def _update_kept(subject: Subject) -> bool | None:
    periods = [PERIODS[code] for code in subject.frequencies() & PERIODS.keys()]
    if not periods or subject.standing is None:
        return None
    return subject.standing.quiet_days <= GRACE * min(periods)


def _recently_checked(subject: Subject) -> bool | None:
    standing = subject.standing
    if standing is None or standing.checked_days is None:
        return None
    return standing.checked_days <= GRACE * standing.due_days


def _kept_here(subject: Subject) -> bool:
    return bool(subject.files)


def _version(subject: Subject) -> bool:
    return bool(subject.metadata.get("version"))


CRITERION = Criterion(
    "alive",
    N_("Alive"),
    N_("Somebody answers for the data, and they are kept and renewed."),
    (
        Check(
            "contact",
            2,
            N_("Somebody can be asked: a contact person, or an author with an ORCID iD"),
            N_("Questions come up for years after the project is over."),
            N_("Add a contributor with the role of contact person."),
            _contact,
        ),
        Check(
            "contact-answers",
            2,
            N_("Whoever is behind the data has answered, when asked once a year"),
            N_("A contact who has moved on leaves questions without an answer."),
            N_("The owner of the record answers the message, or at “Are you still the contact?”."),
            _contact_answers,
        ),
        Check(
            "still-valid",
            2,
            N_("The period for which the data are valid is not over"),
            N_("Readers take data for current unless told otherwise."),
            N_("Publish a new version, or correct the period of validity."),
            _still_valid,
        ),
        Check(
            "kept-here",
            2,
            N_("The data are kept here and checked by their digests"),
            N_("A description of data that lie elsewhere outlives the data."),
            N_("Upload the files."),
            _kept_here,
        ),
        Check(
            "update-kept",
            2,
            N_("New versions come as often as was declared"),
            N_("Who relies on yearly data should not have to guess whether they still come."),
            N_("Publish a new version, or change the frequency that the form declares."),
            _update_kept,
        ),
        Check(
            "recently-checked",
            1,
            N_("The stored bytes were read whole and compared lately"),
            N_("Damage is mended while a good copy is left."),
            N_("Operators see to it that the checks run."),
            _recently_checked,
            of_files=True,
        ),
        Check(
            "version-named",
            1,
            N_("The version has a name"),
            N_("Readers see whether what they hold is the newest."),
            N_("Give a version such as 1.0, or the year of the data."),
            _version,
        ),
    ),
)

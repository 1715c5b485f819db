"""Unified (thống nhất): the same things are called the same here as elsewhere."""

from repository.core.messages import N_
from repository.quality.checks.base import Check, Criterion
from repository.quality.subject import Subject, schemes

NUMBERS = ("integer", "number")


def _language(subject: Subject) -> bool:
    return bool(subject.listed("languages"))


def _texts_tagged(subject: Subject) -> bool:
    told = [*subject.listed("titles"), *subject.listed("descriptions")]
    return bool(told) and all(each.get("lang") for each in told)


def _subject_coded(subject: Subject) -> bool:
    return any(
        each.get("scheme") or each.get("value_uri") or each.get("id") for each in subject.topics()
    )


def _rights_coded(subject: Subject) -> bool | None:
    """A licence in words alone is told in one format and lost in the next."""
    told = subject.listed("rights")
    return all(each.get("id") or each.get("link") for each in told) if told else None


def _ror(subject: Subject) -> bool | None:
    places = subject.affiliations()
    return any("ror" in schemes(each) for each in places) if places else None


def _funder(subject: Subject) -> bool | None:
    funders = [each.get("funder") or {} for each in subject.listed("funding")]
    return all(each.get("identifiers") or each.get("id") for each in funders) if funders else None


def _units(subject: Subject) -> bool | None:
    numbers = [each for each in subject.columns() if each.get("type") in NUMBERS]
    if not numbers:
        return None
    return 2 * sum(bool(each.get("unit") or each.get("concept")) for each in numbers) >= len(
        numbers
    )


CRITERION = Criterion(
    "unified",
    N_("Unified"),
    N_("Codes and terms that others use too, so that data can be put together."),
    (
        Check(
            "language-coded",
            1,
            N_("The language of the data is named"),
            N_("Readers choose by it."),
            N_("Choose the language in the form."),
            _language,
        ),
        Check(
            "texts-tagged",
            1,
            N_("Every title and description says its language"),
            N_("Each reader is shown the one they understand."),
            N_("Choose the language beside each title and description."),
            _texts_tagged,
        ),
        Check(
            "subject-coded",
            2,
            N_("A subject from a vocabulary"),
            N_("The same topic is found whatever the language of the keywords."),
            N_("Add a subject with its vocabulary, such as a field of the OECD classification."),
            _subject_coded,
        ),
        Check(
            "rights-coded",
            1,
            N_("The licence is named by its code or address, so that all formats say the same"),
            N_("Catalogues filter by the code; words alone are lost in some formats."),
            N_("Choose the licence from the list, or give its address."),
            _rights_coded,
        ),
        Check(
            "ror",
            1,
            N_("A ROR id for an institution"),
            N_("An institution has many spellings and one identifier."),
            N_("Add the ROR id of an author's institution."),
            _ror,
        ),
        Check(
            "funder-identified",
            1,
            N_("Funders are named with an identifier"),
            N_("Funders find what they paid for."),
            N_("Add the ROR or Crossref id of the funder."),
            _funder,
        ),
        Check(
            "units",
            2,
            N_("Columns of numbers have a unit or a term of a vocabulary"),
            N_("Numbers without a unit cannot be compared."),
            N_("Give units, beside the file in the form."),
            _units,
            of_files=True,
        ),
    ),
)

"""The indicators of the RDA FAIR Data Maturity Model (doi:10.15497/rda00050), told of a record.

Many of them ask of the repository, not of the record: those hold for every record here, and say
so by what they stand on. Ids and priorities are the model's own: 20 essential, 14 important,
7 useful.
"""

from dataclasses import dataclass

from repository.quality.rules import Score
from repository.quality.subject import Subject

E, I, U = "essential", "important", "useful"  # noqa: E741 - as the model's table has them
HERE = "repository"
# Each indicator: its priority, and the check whose result it is; HERE where every record of this
# repository has it, "" where nothing here provides it.
INDICATORS: dict[str, tuple[str, str]] = {
    "F1-01M": (E, "doi"), "F1-01D": (E, "doi"), "F1-02M": (E, "doi"), "F1-02D": (E, "doi"),
    "F2-01M": (E, "abstract"), "F3-01M": (E, HERE), "F4-01M": (E, HERE),
    "A1-01M": (I, HERE), "A1-02M": (E, HERE), "A1-02D": (E, "kept-here"), "A1-03M": (E, HERE),
    "A1-03D": (E, "kept-here"), "A1-04M": (E, HERE), "A1-04D": (E, "kept-here"),
    "A1-05D": (I, "files-open"), "A1.1-01M": (E, HERE), "A1.1-01D": (I, "kept-here"),
    "A1.2-01D": (U, HERE), "A2-01M": (E, HERE),
    "I1-01M": (I, HERE), "I1-01D": (I, "open-formats"), "I1-02M": (I, HERE),
    "I1-02D": (I, "columns-described"), "I2-01M": (I, "subject-coded"), "I2-01D": (U, "units"),
    "I3-01M": (I, "related"), "I3-01D": (U, ""), "I3-02M": (U, "related"), "I3-02D": (U, ""),
    "I3-03M": (I, "related"), "I3-04M": (U, "related"),
    "R1-01M": (E, "readme"), "R1.1-01M": (E, "licence"), "R1.1-02M": (I, "open-licence"),
    "R1.1-03M": (I, "licence"), "R1.2-01M": (I, "coverage"), "R1.2-02M": (U, HERE),
    "R1.3-01M": (E, "metadata-valid"), "R1.3-01D": (E, "open-formats"),
    "R1.3-02M": (E, HERE), "R1.3-02D": (I, "open-formats"),
}  # fmt: skip
WEIGHTS = {E: 3, I: 2, U: 1}


@dataclass(frozen=True)
class Fair:
    """Per letter, and as a whole, from 0 to 100; `missing` are the ids not met."""

    score: int
    letters: dict[str, int]
    missing: tuple[str, ...]


def fair(subject: Subject, scored: Score) -> Fair:
    """Essential indicators count three times, important ones twice. What does not arise (tables
    in a record without any) is left out; data of which there are none are not met.
    """
    got: dict[str, int] = dict.fromkeys("FAIR", 0)
    whole: dict[str, int] = dict.fromkeys("FAIR", 0)
    missing = []
    for name, (priority, stands_on) in INDICATORS.items():
        met = _met(stands_on, scored)
        if met is None and (subject.files or not name.endswith("D")):
            continue
        whole[name[0]] += WEIGHTS[priority]
        if met:
            got[name[0]] += WEIGHTS[priority]
        else:
            missing.append(name)
    letters = {each: round(100 * got[each] / whole[each]) if whole[each] else 100 for each in got}
    total = sum(whole.values())
    return Fair(round(100 * sum(got.values()) / total), letters, tuple(missing))


def _met(stands_on: str, scored: Score) -> bool | None:
    if stands_on in (HERE, ""):
        return stands_on == HERE
    return scored.passed(stands_on)

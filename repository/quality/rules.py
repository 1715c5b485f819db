"""Scores from checks: pure functions."""

from dataclasses import dataclass

from repository.quality.checks import CRITERIA
from repository.quality.checks.base import Check, Criterion
from repository.quality.subject import Subject


@dataclass(frozen=True)
class Result:
    """`passed` is None where the question does not arise; `points` are those of a hundred that
    the check would add to the whole if it passed.
    """

    check: Check
    passed: bool | None
    points: float


@dataclass(frozen=True)
class CriterionScore:
    """`exact` from 0 to 100; a criterion of which no question arises has 100."""

    criterion: Criterion
    exact: float
    results: tuple[Result, ...]

    @property
    def score(self) -> int:
        return round(self.exact)


@dataclass(frozen=True)
class Score:
    criteria: tuple[CriterionScore, ...]

    @property
    def score(self) -> int:
        """The mean of the six criteria, from 0 to 100."""
        return round(sum(each.exact for each in self.criteria) / len(self.criteria))

    @property
    def failed(self) -> list[Result]:
        """What to mend, what brings most first."""
        found = [r for each in self.criteria for r in each.results if r.passed is False]
        return sorted(found, key=lambda result: -result.points)

    def passed(self, name: str) -> bool | None:
        found = (r for each in self.criteria for r in each.results if r.check.name == name)
        return next(found).passed


def score(subject: Subject) -> Score:
    """Every check's result and the scores that follow. Weights count within a criterion."""
    return Score(tuple(_scored(criterion, subject) for criterion in CRITERIA))


def _passes(check: Check, subject: Subject) -> bool | None:
    """What a draft holds may be of any shape; what cannot be understood does not pass."""
    try:
        return check.passes(subject)
    except (AttributeError, TypeError, ValueError):
        return False


def _scored(criterion: Criterion, subject: Subject) -> CriterionScore:
    told = [(check, _passes(check, subject)) for check in criterion.checks]
    whole = sum(check.weight for check, passed in told if passed is not None)
    got = sum(check.weight for check, passed in told if passed)
    results = tuple(
        Result(check, passed, 100 * check.weight / whole / len(CRITERIA) if whole else 0)
        for check, passed in told
    )
    return CriterionScore(criterion, 100 * got / whole if whole else 100, results)

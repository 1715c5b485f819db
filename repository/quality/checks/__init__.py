"""All checks, a file for each criterion."""

from repository.quality.checks import alive, clean, correct, shared, sufficient, unified
from repository.quality.checks.base import Check, Criterion

CRITERIA: tuple[Criterion, ...] = (
    correct.CRITERION,
    sufficient.CRITERION,
    clean.CRITERION,
    alive.CRITERION,
    unified.CRITERION,
    shared.CRITERION,
)
CHECKS: dict[str, Check] = {check.name: check for each in CRITERIA for check in each.checks}

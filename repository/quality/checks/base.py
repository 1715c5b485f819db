"""What a check and a criterion are."""

from collections.abc import Callable
from dataclasses import dataclass

from repository.quality.subject import Subject


@dataclass(frozen=True)
class Check:
    """`passes` says True or False, or None where the question does not arise for a record.

    `title` says what is asked, `why` what it is good for, `remedy` what to do. `of_files` marks
    what looks into files: its result is for those who may have them.
    """

    name: str
    weight: int
    title: str
    why: str
    remedy: str
    passes: Callable[[Subject], bool | None]
    of_files: bool = False


@dataclass(frozen=True)
class Criterion:
    """One of the six words of the national data strategy."""

    name: str
    title: str
    about: str
    checks: tuple[Check, ...]

"""What is missing or wrong in metadata, said in words a depositor can act upon."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.records.metadata.checks import Finding, Stage, doubts
from repository.records.metadata.inveniordm import PAIRS, accept, as_sent
from repository.records.metadata.model import ACCEPTED, Metadata

Severity = Literal["error", "warning"]

_REQUIRED = N_("This is required before publishing.")
_MESSAGES: Mapping[str, str] = {
    "missing": N_("This is required."),
    "string_type": N_("This must be text."),
    "string_too_long": N_("Use at most %(max_length)s characters."),
    "string_too_short": N_("This must not be empty."),
    "string_pattern_mismatch": N_("Write a year of four digits."),
    "too_long": N_("Give at most %(max_length)s of these."),
    "too_short": N_("Give at least %(min_length)s of these."),
    "list_type": N_("This must be a list."),
    "model_type": N_("This must be an object with named values."),
    "model_attributes_type": N_("This must be an object with named values."),
    "extra_forbidden": N_("There is no field of this name."),
    "literal_error": N_("Choose one of: %(expected)s."),
    "float_type": N_("This must be a number."),
    "float_parsing": N_("This must be a number."),
    "finite_number": N_("This must be a number."),
}
_OTHER = N_("This value cannot be used here.")
_TWO_SHAPES = N_("%(ours)s and %(theirs)s say different things. Send only one of them.")
_NOT_AN_OBJECT = N_("Metadata must be an object with named values.")
_TWICE = frozenset(name for plural, single in PAIRS for name in (single, f"additional_{plural}"))


@dataclass(frozen=True)
class Problem:
    """`pointer` (RFC 6901) points into the metadata as they were sent; `message` is a msgid."""

    pointer: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = "error"


def problems(raw: Any, stage: Stage = "draft") -> list[Problem]:
    """Everything to say about `raw`, in the order of its fields; never raises.

    In a draft what is only missing is a warning; for publishing it is an error. At the stage
    `import`, of metadata that were published elsewhere, a wrong check digit is a warning. Without
    errors at the stages `publish` and `import`, `Metadata.model_validate(raw)` succeeds.
    """
    if not isinstance(raw, Mapping):
        return [Problem("", _NOT_AN_OBJECT)]
    told = accept(raw)
    found = [*_shape_problems(told, stage)]
    wrong = {problem.pointer for problem in found}
    found += (_from(doubt, stage) for doubt in doubts(told) if doubt.pointer not in wrong)
    order = list(Metadata.model_fields)
    found.sort(key=lambda p: _place(order, p.pointer))
    return [Problem(as_sent(raw, p.pointer), p.message, p.params, p.severity) for p in found]


def parse(raw: Any) -> Metadata:
    """Complete metadata from JSON. Raises ValidationFailed with a pointer per wrong field."""
    try:
        return Metadata.model_validate(raw)
    except ValidationError as error:
        told = accept(raw) if isinstance(raw, Mapping) else {}
        found = [_translated(detail, told, "publish") for detail in error.errors()]
        wrong = [FieldError(as_sent(raw, p.pointer), p.message, p.params) for p in found]
        raise ValidationFailed(errors=wrong) from None


def _shape_problems(told: dict[str, Any], stage: Stage) -> Iterator[Problem]:
    try:
        Metadata.model_validate(told, context=ACCEPTED)
    except ValidationError as error:
        for detail in error.errors():
            yield _translated(detail, told, stage)


def _translated(detail: ErrorDetails, told: Mapping[str, Any], stage: Stage) -> Problem:
    """One of pydantic's findings in our words."""
    location, kind = detail["loc"], detail["type"]
    pointer = _pointer(location)
    params = {k: v for k, v in detail.get("ctx", {}).items() if isinstance(v, str | int | float)}
    if kind == "literal_error":
        params["expected"] = str(params["expected"]).replace(" or ", ", ").replace("'", "")
    nothing_yet = len(location) == 1 and (
        kind == "missing" or (kind == "too_short" and not told.get(str(location[0])))
    )
    if nothing_yet:
        return Problem(pointer, _REQUIRED, severity="warning" if stage == "draft" else "error")
    if kind == "extra_forbidden" and len(location) == 1 and location[0] in _TWICE:
        theirs = str(location[0])
        ours = f"{theirs.removeprefix('additional_').removesuffix('s')}s"
        return Problem(pointer, _TWO_SHAPES, {"ours": ours, "theirs": theirs})
    if kind == "problem":
        return Problem(pointer, detail["msg"], params)
    return Problem(pointer, _MESSAGES.get(kind, _OTHER), params)


def _from(doubt: Finding, stage: Stage) -> Problem:
    severity: Severity = "error" if stage in doubt.forbids else "warning"
    return Problem(doubt.pointer, doubt.message, doubt.params, severity)


def _pointer(location: Sequence[int | str]) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in location)


def _place(order: list[str], pointer: str) -> int:
    name = pointer[1:].partition("/")[0]
    return order.index(name) if name in order else len(order)

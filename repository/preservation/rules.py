"""What a backup policy may say."""

from typing import Any

from pydantic import BaseModel, Field, ValidationError

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_

NUMBER = N_("Enter a whole number from %(least)s to %(most)s.")


class Terms(BaseModel, frozen=True):
    """How often, how long, and what is promised: hours, days, and how many to keep.

    RPO is the most work, in hours, that a loss may cost; RTO how long, in hours, a restore may
    take. Both are measured by the drill.
    """

    every_hours: int = Field(default=24, ge=1, le=8760)
    keep_daily: int = Field(default=7, ge=0, le=366)
    keep_weekly: int = Field(default=5, ge=0, le=520)
    keep_monthly: int = Field(default=12, ge=0, le=1200)
    keep_yearly: int = Field(default=10, ge=0, le=100)
    rpo_hours: int = Field(default=26, ge=1, le=8760)
    rto_hours: int = Field(default=8, ge=1, le=8760)
    drill_days: int = Field(default=30, ge=1, le=3650)


def limits(name: str) -> tuple[int, int]:
    """The least and the most that a term may be."""
    told = Terms.model_json_schema()["properties"][name]
    return told["minimum"], told["maximum"]


def parse_terms(given: dict[str, Any]) -> Terms:
    """Terms from a form. Raises ValidationFailed with a pointer for each wrong field."""
    try:
        return Terms.model_validate({name: given.get(name, "") for name in Terms.model_fields})
    except ValidationError as error:
        errors = []
        for wrong in error.errors():
            name = str(wrong["loc"][0])
            least, most = limits(name)
            errors.append(FieldError(f"/{name}", NUMBER, {"least": least, "most": most}))
        raise ValidationFailed(errors=errors) from error

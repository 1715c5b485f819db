"""Days that people choose in forms, as moments."""

from datetime import UTC, date, datetime, time, timedelta

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_


def end_of_day(day: str, pointer: str = "/expires_at") -> datetime | None:
    """The end, in UTC, of the last day on which access lasts."""
    if not day:
        return None
    try:
        following = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        message = N_("Write a date such as 2027-01-31.")
        raise ValidationFailed(errors=[FieldError(pointer, message)]) from error
    return datetime.combine(following, time(), UTC)

"""The access settings of a version as its depositor states them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from repository.core.errors import FieldError
from repository.core.messages import N_
from repository.records.models import Version

Visibility = Literal["public", "restricted"]


class Embargo(BaseModel):
    """`until` is the first day (UTC) on which everything is open."""

    model_config = ConfigDict(extra="forbid")

    active: bool = False
    until: date | None = None
    reason: str | None = Field(default=None, max_length=2000)


class Retention(BaseModel):
    """`delete_files_at` is the first day (UTC) on which nobody has the files any more."""

    model_config = ConfigDict(extra="forbid")

    delete_files_at: date | None = None
    reason: str | None = Field(default=None, max_length=2000)


class AccessSettings(BaseModel):
    """InvenioRDM's `access` object, and when files must vanish. `status` is told, never taken: it
    follows from the rest.
    """

    model_config = ConfigDict(extra="forbid")

    record: Visibility = "public"
    files: Visibility = "public"
    embargo: Embargo = Embargo()
    retention: Retention = Retention()
    status: str | None = Field(default=None, exclude=True)

    def problems(self) -> Iterator[FieldError]:
        """What keeps a record with these settings from being published; a draft may have them."""
        if self.retention.delete_files_at and not (self.retention.reason or "").strip():
            message = N_("Say why the files will be deleted; the page tells it afterwards.")
            yield FieldError("/access/retention/reason", message)
        if not self.embargo.active:
            return
        if self.embargo.until is None:
            message = N_("An embargo needs the date on which it ends.")
            yield FieldError("/access/embargo/until", message)
        if self.record == self.files == "public":
            message = N_("An embargo restricts the files or the record until it ends.")
            yield FieldError("/access/files", message)

    @classmethod
    def of(cls, version: Version) -> AccessSettings:
        """What is published of a version's access."""
        embargo = Embargo(
            active=version.embargo_until is not None,
            until=version.embargo_until,
            reason=version.embargo_reason or None,
        )
        return cls.model_validate(
            {
                "record": version.record_access,
                "files": version.files_access,
                "embargo": embargo,
                "retention": Retention(
                    delete_files_at=version.delete_files_at,
                    reason=version.delete_files_reason or None,
                ),
            }
        )

    def apply_to(self, version: Version) -> None:
        version.record_access = self.record
        version.files_access = "restricted" if self.record == "restricted" else self.files
        version.embargo_until = self.embargo.until if self.embargo.active else None
        version.embargo_reason = (self.embargo.reason or "") if self.embargo.active else ""
        version.delete_files_at = self.retention.delete_files_at
        version.delete_files_reason = self.retention.reason or ""

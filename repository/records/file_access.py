"""The access settings of one file, where they differ from its version's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from repository.core.errors import FieldError
from repository.core.messages import N_
from repository.records.metadata.licences import find_licence
from repository.records.models import File

FileVisibility = Literal["default", "public", "restricted", "hidden"]


class FileAccess(BaseModel):
    """A file entry's `access` object in the API.

    `restricted` shows the name to everyone who may read the description, `hidden` does not.
    `embargo_until` is the first day (UTC) on which the file is open, `delete_at` the first on which
    it is gone. `license` is an id of our list, empty where the record's licences hold.
    """

    model_config = ConfigDict(extra="forbid")

    files: FileVisibility = "default"
    embargo_until: date | None = None
    delete_at: date | None = None
    delete_reason: str = Field(default="", max_length=2000)
    license: str = Field(default="", max_length=100)

    def problems(self, pointer: str = "/access") -> Iterator[FieldError]:
        if self.embargo_until is not None and self.files not in ("restricted", "hidden"):
            message = N_("An embargo restricts the file until it ends: choose restricted.")
            yield FieldError(f"{pointer}/embargo_until", message)
        if self.delete_at is not None and not self.delete_reason.strip():
            message = N_("Say why the file will be deleted; the page tells it afterwards.")
            yield FieldError(f"{pointer}/delete_reason", message)
        if self.license and find_licence(self.license) is None:
            message = N_("There is no such licence in the list.")
            yield FieldError(f"{pointer}/license", message)

    @classmethod
    def of(cls, file: File) -> FileAccess:
        """As the depositor has it: what an edit proposes before what is published."""
        if file.proposed is not None:
            return cls.model_validate(file.proposed)
        return cls.model_validate(
            {
                "files": file.access,
                "embargo_until": file.embargo_until,
                "delete_at": file.delete_at,
                "delete_reason": file.delete_reason,
                "license": file.license,
            }
        )

    @property
    def is_default(self) -> bool:
        return self == FileAccess()

    def told(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    def apply_to(self, file: File) -> None:
        file.access = self.files
        file.embargo_until = self.embargo_until
        file.delete_at = self.delete_at
        file.delete_reason = self.delete_reason.strip()
        file.license = self.license

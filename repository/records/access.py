"""The access settings of a version as its depositor states them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from repository.core.errors import FieldError
from repository.core.messages import N_
from repository.records.data_class import DataClass
from repository.records.grounds import GROUNDS, find_ground
from repository.records.models import Version

MAX_TERMS = 20_000  # characters, in one language
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


class Terms(BaseModel):
    """What readers accept before they have the files; in Markdown, in one language or in both."""

    model_config = ConfigDict(extra="forbid")

    vi: str = ""
    en: str = ""

    @field_validator("vi", "en")
    @classmethod
    def _storable(cls, text: str) -> str:
        """PostgreSQL's JSON has no NUL."""
        return text.replace("\0", "")

    @property
    def digest(self) -> str:
        """What tells one text from another: the SHA-256 of both languages; empty without any."""
        texts = (self.vi.strip(), self.en.strip())
        return sha256("\0".join(texts).encode()).hexdigest() if any(texts) else ""

    def said(self) -> dict[str, str]:
        """The text by language, where there is one."""
        texts = {"vi": self.vi.strip(), "en": self.en.strip()}
        return {language: text for language, text in texts.items() if text}


class PersonalData(BaseModel):
    """Whether the files hold personal data, and on which ground of `records.grounds`."""

    model_config = ConfigDict(extra="forbid")

    contains: bool = False
    ground: str | None = Field(default=None, max_length=40)


class AccessSettings(BaseModel):
    """InvenioRDM's `access` object, and when files must vanish, what is to be accepted first, what
    the law says of the data. `status` is told, never taken: it follows from the rest.
    """

    model_config = ConfigDict(extra="forbid")

    record: Visibility = "public"
    files: Visibility = "public"
    embargo: Embargo = Embargo()
    retention: Retention = Retention()
    terms: Terms = Terms()
    data_class: DataClass = DataClass.ORDINARY
    personal_data: PersonalData = PersonalData()
    status: str | None = Field(default=None, exclude=True)

    def problems(self) -> Iterator[FieldError]:
        """What is wrong in itself, whatever becomes of the record."""
        for language in ("vi", "en"):
            if len(getattr(self.terms, language)) > MAX_TERMS:
                message = N_("Use at most %(count)s characters.")
                pointer = f"/access/terms/{language}"
                yield FieldError(pointer, message, {"count": MAX_TERMS})
        ground = self.personal_data.ground
        if ground and find_ground(ground) is None:
            known = {"known": ", ".join(each.id for each in GROUNDS)}
            message = N_("Choose one of: %(known)s.")
            yield FieldError("/access/personal_data/ground", message, known)
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

    def obstacles(self) -> Iterator[FieldError]:
        """What keeps a record with these settings from being published; a draft may have them."""
        if self.data_class is DataClass.CORE:
            message = N_(
                "Core data are never published or exported. Take them out of the files, or ask a "
                "curator to class the data anew."
            )
            yield FieldError("/access/data_class", message)
        if self.data_class is DataClass.IMPORTANT:
            yield from self._important()
        if self.personal_data.contains and not self.personal_data.ground:
            message = N_("Say on which lawful ground these personal data are kept and passed on.")
            yield FieldError("/access/personal_data/ground", message)

    def _important(self) -> Iterator[FieldError]:
        """Files of important data go to people whom somebody chose, and never open by themselves
        (docs/adr/0061-classes-of-data.md).
        """
        if self.files == self.record == "public":
            message = N_("Files of important data cannot be open to everyone: restrict them.")
            yield FieldError("/access/files", message)
        if self.embargo.active:
            message = N_("Important data cannot open by themselves: take the embargo out.")
            yield FieldError("/access/embargo/active", message)

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
                "terms": version.terms or {},
                "data_class": version.data_class or DataClass.ORDINARY,
                "personal_data": PersonalData(
                    contains=bool(version.personal_data_ground),
                    ground=version.personal_data_ground or None,
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
        version.terms, version.terms_sha256 = self.terms.said(), self.terms.digest
        version.data_class = self.data_class.value
        flagged = self.personal_data.contains
        version.personal_data_ground = (self.personal_data.ground or "") if flagged else ""

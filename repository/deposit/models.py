"""What the deposit capability remembers beside the records themselves."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base


class ImportedItem(Base):
    """What an import made of one source item, so that importing it again makes nothing twice.

    `fingerprint` is the SHA-256 of the item as it was read: metadata, paths and file digests.
    """

    __tablename__ = "imported_items"

    source_key: Mapped[str] = mapped_column(String(500), primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    files_fingerprint: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime]

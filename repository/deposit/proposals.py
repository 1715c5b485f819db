"""What an edit proposes for the access of single files, and what becomes of it.

The bytes of a published version never change, who may have them does; as with all that is
published, an edit proposes it and publishing makes it so.
"""

from sqlalchemy import Select, or_, select

from repository.core.work import Work
from repository.records.file_access import FileAccess
from repository.records.models import File, Version


def apply_proposed(work: Work, version: Version) -> None:
    """What was proposed for files of `version` holds from now on; called when it is published."""
    for file in work.session.scalars(_proposed(version.id)):
        FileAccess.of(file).apply_to(file)
        file.proposed = None
    work.session.flush()
    differs = select(File.id).where(
        File.version_id == version.id,
        or_(
            File.access != "default",
            File.delete_at.is_not(None),
            File.deleted_at.is_not(None),
            File.quarantined,
        ),
    )
    version.own_file_access = work.session.scalar(differs.limit(1)) is not None


def forget_proposed(work: Work, version_id: str) -> None:
    for file in work.session.scalars(_proposed(version_id)):
        file.proposed = None


def _proposed(version_id: str) -> Select[tuple[File]]:
    there = File.proposed.is_not(None)
    return (
        select(File).where(File.version_id == version_id, there).execution_options(yield_per=1000)
    )

"""What the server brings into a draft itself: asked for, told of, undone. Jobs do the work."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import func, select

from repository.access.rules import Action
from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core.errors import (
    FieldError,
    NotFound,
    RateLimited,
    RepositoryError,
    ValidationFailed,
)
from repository.core.messages import N_
from repository.core.work import Work
from repository.deposit import files, placing
from repository.deposit.drafts import get_draft
from repository.deposit.importing.members import NO_ARCHIVE, is_archive
from repository.deposit.models import Intake, IntakeEntry, IntakeState
from repository.records.models import File
from repository.records.paths import normalise_path

FETCH, UNPACK, UNDO = "intakes.fetch", "intakes.unpack", "intakes.undo"
ADDRESS, ARCHIVE = "address", "archive"
MAX_WAITING = 20
MAX_ADDRESS = 2000
SHOWN = 20
NOT_ALLOWED = N_("Adding files from an address is not switched on here; upload the file instead.")
NO_ADDRESS = N_("Give an address that begins with https://, without a password in it.")
TOO_MANY = N_("Wait for those under way first: at most %(count)s at a time.")


@dataclass(frozen=True)
class Wanted:
    """`path`: the file to be, or the folder to unpack into; empty for what the source says."""

    source: str
    path: str = ""
    replace: bool = False
    keep: bool = True


def listed(work: Work, version_id: str) -> Sequence[Intake]:
    """The newest of a draft, for who may see it."""
    query = select(Intake).where(Intake.version_id == version_id)
    return work.session.scalars(query.order_by(Intake.created_at.desc()).limit(SHOWN)).all()


def add_address(work: Work, actor: Actor, version_id: str, wanted: Wanted) -> Intake:
    """Have a job fetch a file. Raises Forbidden, Conflict, ValidationFailed."""
    files.open_for_files(work, actor, version_id)
    if not work.settings.url_files:
        raise ValidationFailed(errors=[FieldError("/url", NOT_ALLOWED)])
    if not _is_address(wanted.source, work.settings.url_files_inside):
        raise ValidationFailed(errors=[FieldError("/url", NO_ADDRESS)])
    path = normalise_path(wanted.path, "/key") if wanted.path else ""
    return _ask(work, actor, version_id, ADDRESS, FETCH, wanted, path)


def _is_address(text: str, inside: tuple[str, ...]) -> bool:
    if len(text) > MAX_ADDRESS or not (text.isascii() and text.isprintable()) or " " in text:
        return False
    try:
        parts = urlsplit(text)
        schemes = ("https", "http") if parts.hostname in inside else ("https",)
        return parts.scheme in schemes and bool(parts.hostname) and not parts.username
    except ValueError:
        return False


def unpack(work: Work, actor: Actor, version_id: str, wanted: Wanted) -> Intake:
    """Have a job unpack an archive among the draft's files, once it has arrived whole.

    Raises Forbidden, NotFound, Conflict, RateLimited, ValidationFailed.
    """
    files.open_for_files(work, actor, version_id)
    file = placing.find_file(work, version_id, normalise_path(wanted.source, "/archive"))
    if file is None:
        raise NotFound(files.NO_FILE, path=wanted.source)
    if not is_archive(file.path):
        raise ValidationFailed(errors=[FieldError("/archive", NO_ARCHIVE)])
    folder = normalise_path(wanted.path.strip("/"), "/folder") if wanted.path.strip("/") else ""
    return _ask(work, actor, version_id, ARCHIVE, UNPACK, wanted, folder)


def unpack_arrived(work: Work, actor: Actor, version_id: str, path: str) -> Intake | None:
    """The same for a file that is uploaded to be unpacked, into the folder it was put in, and not
    to be kept; None for what is no archive: of a folder that is dropped not everything is one.
    """
    if not is_archive(path):
        return None
    folder = path.rpartition("/")[0]
    return unpack(work, actor, version_id, Wanted(path, folder, keep=False))


def _ask(
    work: Work, actor: Actor, version_id: str, kind: str, job: str, wanted: Wanted, path: str
) -> Intake:
    waiting = select(func.count()).where(
        Intake.version_id == version_id, Intake.state == IntakeState.WAITING.value
    )
    if (work.session.scalar(waiting) or 0) >= MAX_WAITING:
        raise RateLimited(TOO_MANY, retry_after=30, count=MAX_WAITING)
    now = work.clock.now()
    intake = Intake(
        id=secrets.token_hex(16),
        version_id=version_id,
        kind=kind,
        source=wanted.source,
        path=path,
        user_id=actor.user_id,
        replace=wanted.replace,
        keep=wanted.keep,
        created_at=now,
        updated_at=now,
    )
    work.session.add(intake)
    work.session.flush()
    work.enqueue(job, f"{job}:{intake.id}", {"intake": intake.id})
    log(work, actor.user_id, f"file.{kind}", "version", version_id, intake=intake.id)
    return intake


def find(work: Work, actor: Actor, version_id: str, intake_id: str) -> Intake:
    """Raises NotFound, Forbidden."""
    get_draft(work, actor, version_id, Action.EDIT)
    intake = work.session.get(Intake, intake_id)
    if intake is None or intake.version_id != version_id:
        raise NotFound
    return intake


def undo(work: Work, actor: Actor, version_id: str, intake_id: str) -> None:
    """Have a job take out what was unpacked, and put back what that replaced and removed."""
    intake = find(work, actor, version_id, intake_id)
    files.open_for_files(work, actor, version_id)
    if intake.kind == ARCHIVE and intake.state in (IntakeState.DONE, IntakeState.FAILED):
        intake.state = IntakeState.UNDOING.value
        work.enqueue(UNDO, f"{UNDO}:{intake.id}", {"intake": intake.id})


def dismiss(work: Work, actor: Actor, version_id: str, intake_id: str) -> None:
    """Forget one; of one that waits, what has arrived so far is dropped."""
    intake = find(work, actor, version_id, intake_id)
    if intake.state != IntakeState.UNDOING:
        work.session.delete(intake)


def fail(work: Work, intake_id: str, error: RepositoryError) -> None:
    """Keep why it came to nothing, to be read beside the files."""
    intake = work.session.get(Intake, intake_id)
    if intake is not None:
        wrong = error.errors[0] if error.errors else error
        intake.state, intake.problem = IntakeState.FAILED.value, wrong.message
        intake.params = {name: str(value) for name, value in wrong.params.items()}
        intake.updated_at = work.clock.now()


def kept(file: File) -> list[str | int | None]:
    """What proves, in `result`, which bytes stood where."""
    return [file.path, file.sha256, file.size]


def entries(
    work: Work, intake_id: str, after: str = "", limit: int = 1000
) -> Sequence[IntakeEntry]:
    """What became of an archive's files, by path, the next `limit` of them."""
    query = select(IntakeEntry).where(IntakeEntry.intake_id == intake_id, IntakeEntry.path > after)
    return work.session.scalars(query.order_by(IntakeEntry.path).limit(limit)).all()


def paths_done(work: Work, intake_id: str) -> set[str]:
    """The paths of an archive that were made or left: at most as many as it may hold."""
    query = select(IntakeEntry.path).where(IntakeEntry.intake_id == intake_id)
    return set(work.session.scalars(query))

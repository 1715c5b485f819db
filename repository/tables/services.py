"""Reading a table once: its Parquet copy in the cache, its profile in the database."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select

from repository.core.runtime import Runtime
from repository.core.settings import MIB
from repository.core.work import Work
from repository.records.models import File, State, TableProfile, Version
from repository.tables import cache, sandbox
from repository.tables.kinds import table_kind
from repository.tables.reader.prepare import TABLE
from repository.tables.refusals import PASSING, TableRefused, TableUnprepared

PROFILE = "tables.profile"
JOB_SECONDS = 120
REQUEST_SECONDS = 10
AT_ONCE = 20 * MIB
MISSED = 200


@dataclass(frozen=True)
class Prepared:
    """A table that can be asked for rows; `columns` with their statistics."""

    path: Path
    rows: int
    columns: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    sheets: list[str]
    sheet: int
    encoding: str
    delimiter: str

    def columns_alone(self) -> list[dict[str, str]]:
        """The columns by name and type."""
        return [{"name": each["name"], "type": each["type"]} for each in self.columns]

    def column(self, name: str) -> dict[str, Any] | None:
        return next((each for each in self.columns if each["name"] == name), None)


def request_profile(work: Work, file: File) -> None:
    """Ask, with this transaction, for a file's profile, if it is a table without one."""
    if file.sha256 is None or table_kind(file.path, file.media_type) is None:
        return
    if work.session.get(TableProfile, file.sha256) is None:
        work.enqueue(PROFILE, f"{PROFILE}:{file.sha256}", {"sha256": file.sha256})


def request_missed(work: Work) -> int:
    """Ask for the profiles of tables that came before there were any; how many at once."""
    endings = [f"%.{each}" for each in ("csv", "tsv", "tab", "xlsx", "parquet")]
    known = select(TableProfile.sha256).where(TableProfile.sha256 == File.sha256).exists()
    named = or_(*(File.path.ilike(each) for each in endings))
    missed = select(File).where(File.committed, File.sha256.is_not(None), named, ~known)
    files = work.session.scalars(missed.limit(MISSED)).all()
    for file in files:
        request_profile(work, file)
    return len(files)


def profile_content(runtime: Runtime, sha256: str) -> None:
    """Read a table, whatever comes of it, and keep what is known. Does nothing the second time."""
    with runtime.read() as work:
        file = work.session.scalar(select(File).where(File.sha256 == sha256).limit(1))
        known = work.session.get(TableProfile, sha256)
    if file is None or known is not None:
        return
    kind = table_kind(file.path, file.media_type)
    if kind is None:
        return
    try:
        _read(runtime, sha256, kind, file.size, None, JOB_SECONDS)
    except TableRefused as error:
        if error.reason in PASSING:
            raise
        _keep_refusal(runtime, sha256, error)


def open_table(runtime: Runtime, file: File, sheet: int | None = None) -> Prepared:
    """A table ready to be asked; the caller asked the access rule.

    A small one is read at once where it was not yet; a large one by a job. Raises TableRefused,
    TableBusy, TableUnprepared.
    """
    sha256, kind = file.sha256 or "", table_kind(file.path, file.media_type)
    if kind is None:
        raise TableRefused("unreadable")
    with runtime.read() as work:
        profile = work.session.get(TableProfile, sha256)
    if profile is not None and profile.refusal:
        raise TableRefused(profile.refusal, **profile.details)
    if sheet is None or (profile is not None and profile.details.get("sheet") == sheet):
        path = cache.find(runtime.settings, sha256, None)
        if path is not None and profile is not None:
            return _prepared(path, profile.details | {"columns": profile.statistics})
        sheet = None
    if file.size > AT_ONCE and sheet is None:
        _ask_for(runtime, sha256, anew=profile is not None)
        raise TableUnprepared(retry_after=60)
    path, told = _read(runtime, sha256, kind, file.size, sheet, REQUEST_SECONDS)
    return _prepared(path, told)


def _prepared(path: Path, told: dict[str, Any]) -> Prepared:
    names = ("rows", "columns", "problems", "sheets", "sheet", "encoding", "delimiter")
    return Prepared(path, **{name: told[name] for name in names})


def _ask_for(runtime: Runtime, sha256: str, *, anew: bool) -> None:
    kind = "tables.prepare" if anew else PROFILE
    with runtime.work() as work:
        work.enqueue(kind, f"{kind}:{sha256}", {"sha256": sha256})


def prepare_again(runtime: Runtime, sha256: str) -> None:
    """Make the Parquet copy of a large table that the cache has let go."""
    with runtime.read() as work:
        file = work.session.scalar(select(File).where(File.sha256 == sha256).limit(1))
    kind = table_kind(file.path, file.media_type) if file is not None else None
    if file is not None and kind and cache.find(runtime.settings, sha256, None) is None:
        _read(runtime, sha256, kind, file.size, None, JOB_SECONDS)


def _read(
    runtime: Runtime, sha256: str, kind: str, size: int, sheet: int | None, seconds: int
) -> tuple[Path, dict[str, Any]]:
    settings = runtime.settings
    if size > settings.table_max_bytes:
        raise TableRefused("too-large", limit=settings.table_max_bytes)
    with sandbox.scratch(settings) as folder, cache.source(runtime, sha256, folder) as path:
        task = {"do": "prepare", "source": str(path), "kind": kind, "sheet": sheet}
        told = sandbox.run(settings, folder, task, seconds=seconds)
        kept = cache.keep(settings, sha256, sheet, folder / TABLE)
    if sheet is None:
        _keep(runtime, sha256, told)
    return kept, told


def _keep(runtime: Runtime, sha256: str, told: dict[str, Any]) -> None:
    """Keep a profile, and tell followers of the records whose descriptions now name columns."""
    details = {name: value for name, value in told.items() if name != "columns"}
    columns = told["columns"]
    variables = [{"name": each["name"], "type": each["type"]} for each in columns]
    with runtime.work() as work:
        work.lock(f"table:{sha256}")
        if work.session.get(TableProfile, sha256) is not None:
            return
        work.session.add(
            TableProfile(
                sha256=sha256,
                refusal="",
                variables=variables,
                statistics=columns,
                details=details,
                created_at=work.clock.now(),
            )
        )
        _tell(work, sha256)


def _keep_refusal(runtime: Runtime, sha256: str, error: TableRefused) -> None:
    with runtime.work() as work:
        work.lock(f"table:{sha256}")
        if work.session.get(TableProfile, sha256) is None:
            work.session.add(
                TableProfile(
                    sha256=sha256,
                    refusal=error.reason,
                    variables=[],
                    statistics=[],
                    details=dict(error.params),
                    created_at=work.clock.now(),
                )
            )
            _tell(work, sha256)


def _tell(work: Work, sha256: str) -> None:
    published = (
        select(Version.record_id)
        .join(File, File.version_id == Version.id)
        .where(File.sha256 == sha256, Version.state == State.PUBLISHED.value)
        .distinct()
    )
    for record_id in work.session.scalars(published.limit(1000)):
        work.changed(record_id)

"""Fetching a file for a draft from an address outside, where the operator allows it."""

import time
from datetime import timedelta
from typing import Any, BinaryIO, cast

from sqlalchemy import update

from repository.core.downloading import Download
from repository.core.errors import RepositoryError
from repository.core.fetch import FetchFailed, FetchRefused, Limits
from repository.core.jobs import Lane, RetryLater, handler
from repository.core.runtime import Runtime
from repository.deposit import files, intakes, placing
from repository.deposit.models import Intake, IntakeState
from repository.records import quotas
from repository.records.paths import normalise_path
from storage.base import Stored

MOST_ATTEMPTS = 6
FIRST_PAUSE = 60
TOLD_EVERY = 2.0
OLD = timedelta(days=30)


class Progress:
    """Writes down how far it is, every now and then."""

    def __init__(self, runtime: Runtime, intake_id: str) -> None:
        self._runtime, self._id, self._done, self._told = runtime, intake_id, 0, 0.0

    def __call__(self, size: int) -> None:
        self._done += size
        if time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            with self._runtime.work() as work:
                mine = update(Intake).where(Intake.id == self._id)
                work.session.execute(mine.values(done_bytes=self._done))


@handler(intakes.FETCH, lane=Lane.OUTSIDE)
def fetch(runtime: Runtime, payload: dict[str, Any]) -> None:
    """What does not answer is asked again, ever later; then the person is told why not."""
    with runtime.read() as work:
        intake = work.session.get(Intake, payload["intake"])
    if intake is None or intake.state != IntakeState.WAITING:
        return
    try:
        _fetch(runtime, intake)
    except FetchFailed as error:
        _fail(runtime, intake, error)
    except FetchRefused as error:
        _again(runtime, intake, error)
    except RepositoryError as error:
        if error.status in (503, 507):
            _again(runtime, intake, error)
        _fail(runtime, intake, error)


def _fail(runtime: Runtime, intake: Intake, error: RepositoryError) -> None:
    with runtime.work() as work:
        intakes.fail(work, intake.id, error)


def _again(runtime: Runtime, intake: Intake, error: RepositoryError) -> None:
    with runtime.work() as work:
        row = work.session.get(Intake, intake.id)
        if row is None:
            return
        row.attempts += 1
        row.problem, row.params = error.message, {n: str(v) for n, v in error.params.items()}
        if row.attempts >= MOST_ATTEMPTS:
            intakes.fail(work, intake.id, error)
            return
        pause = FIRST_PAUSE * 4 ** (row.attempts - 1)
    raise RetryLater(pause, str(error))


def _fetch(runtime: Runtime, intake: Intake) -> None:
    settings = runtime.settings
    if not settings.url_files:
        raise FetchFailed(intakes.NOT_ALLOWED)
    limits = Limits(
        seconds=settings.url_files_timeout,
        size=settings.max_file_size,
        inside=settings.url_files_inside,
    )
    agent = f"repository (+{settings.base_url})"
    progress = Progress(runtime, intake.id)
    with Download(intake.source, user_agent=agent, limits=limits, tell=progress) as download:
        path = normalise_path(intake.path or download.name)
        with runtime.work() as work:
            draft = files.open_for_files_of(work, intake.version_id)
            quotas.check_fits(work, draft.version.record, download.size or 0)
            files.check_free(work, intake.version_id, path, replace=intake.replace)
            row = work.session.get(Intake, intake.id)
            if row is not None:
                row.path, row.total_bytes, row.problem = path, download.size or 0, ""
        stream, size = cast("BinaryIO", download), download.size
        stored = files.receive(runtime, stream, size=size, version_id=intake.version_id)
    _place(runtime, intake, path, stored)


def _place(runtime: Runtime, intake: Intake, path: str, stored: Stored) -> None:
    with runtime.work() as work:
        row = work.session.get(Intake, intake.id, with_for_update=True)
        if row is None or row.state != IntakeState.WAITING:  # dismissed meanwhile
            return
        draft = files.open_for_files_of(work, intake.version_id)
        placing.place(work, draft, placing.Arrived(path, stored), replace=intake.replace)
        row.state, row.done_bytes = IntakeState.DONE.value, stored.size
        row.result = {"made": 1}
        row.updated_at = work.clock.now()


@handler("intakes.sweep", every=timedelta(days=1))
def sweep(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Forget those that ended long ago."""
    with runtime.work() as work:
        over = Intake.updated_at < work.clock.now() - OLD
        work.session.query(Intake).where(over).delete()

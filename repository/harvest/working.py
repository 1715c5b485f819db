"""A run: page after page, for a turn at a time, so that whoever takes over after a crash goes on
with the page that was begun.

The source is a stranger. What it lists for ever ends by one of these: the same token twice, pages
that bring nothing new, more pages or records than any source has.
"""

import time
from datetime import datetime, timedelta

from sqlalchemy import select, update

from repository.accounts.models import User
from repository.core.failpoints import reach
from repository.core.fetch import FetchFailed, FetchRefused
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.harvest.kinds.base import Asked, Kind, Page, TokenRefused
from repository.harvest.kinds.registry import KINDS
from repository.harvest.models import HarvestedItem, HarvestRun, HarvestSource, ItemState, RunState
from repository.harvest.reading import PREFERRED
from repository.harvest.services import OVERLAP, OVERLAP_OF_DAYS, Getter, counted
from repository.harvest.taking import take, waiting

TURN_SECONDS = 10.0
MAX_PAGES = 50_000
MAX_IDLE = 5
MAX_RESTARTS = 3
MAX_ATTEMPTS = 6
FIRST_PAUSE, MAX_PAUSE = 60, 3600
NO_COLLECTION = N_("The collection whose curators look first was removed: choose another.")
NO_ACCOUNT = N_("The account of this source is not active.")
SAME_TOKEN = N_("The source gives the same resumptionToken again.")
CIRCLE = N_("The source's list goes round in a circle: its pages bring nothing new.")
ENDLESS = N_("The source's list has no end.")
TOO_MANY = N_("The source has more than %(most)s records (REPOSITORY_HARVEST_MAX_RECORDS).")
NOT_LISTED = N_("The source's whole list is without it; it was not withdrawn.")


def carry_on(runtime: Runtime, run_id: int, *, seconds: float = TURN_SECONDS) -> bool:
    """Work on a run for a turn; whether more is to be done. A fault that asking again would not
    mend ends the run. Raises FetchRefused where it may.
    """
    end = time.monotonic() + seconds
    while True:
        run, source = _read(runtime, run_id)
        if run is None or source is None:
            return False
        try:
            page = _page(runtime, run, source)
        except TokenRefused as error:
            _begin_again(runtime, run, error)
            continue
        except FetchFailed as error:
            fail(runtime, run_id, error.message, **error.params)
            return False
        new = [take(runtime, run, entry) for entry in page.entries]
        reach("harvest.page")
        if not _turn_page(runtime, run, page, new=any(new)):
            return False
        if time.monotonic() >= end:
            return True


def _read(runtime: Runtime, run_id: int) -> tuple[HarvestRun | None, HarvestSource | None]:
    """The run as long as it is one, with its source; one that nobody answers for ends here."""
    with runtime.read() as work:
        run = work.session.get(HarvestRun, run_id)
        if run is None or run.state != RunState.RUNNING:
            return None, None
        source = work.session.get_one(HarvestSource, run.source_id)
        owner = work.session.get_one(User, source.owner_id)
    unseen = source.review and source.collection_id is None
    if unseen or not owner.active:
        fail(runtime, run_id, NO_COLLECTION if unseen else NO_ACCOUNT)
        return None, None
    return run, source


def _page(runtime: Runtime, run: HarvestRun, source: HarvestSource) -> Page:
    kind, get = KINDS[source.kind], Getter(runtime.settings)
    if not run.prefix:
        _prepare(runtime, run, source, kind)
        waiting(runtime, run)
    asked = Asked(source.address, run.prefix, source.set_spec, run.since, run.by_day)
    return kind.page(get, asked, run.token)


def _prepare(runtime: Runtime, run: HarvestRun, source: HarvestSource, kind: Kind) -> None:
    """Choose the format and where to begin, and write that down."""
    about = kind.describe(Getter(runtime.settings), source.address)
    best = (prefix for prefix in PREFERRED if prefix in about.prefixes)
    run.prefix = source.prefix or next(best, "oai_dc")
    run.by_day = about.by_day
    if source.synced_to is not None and not run.whole:
        run.since = source.synced_to - (OVERLAP_OF_DAYS if about.by_day else OVERLAP)
    with runtime.work() as work:
        told = {"prefix": run.prefix, "by_day": run.by_day, "since": run.since}
        work.session.execute(update(HarvestRun).where(HarvestRun.id == run.id).values(told))


def _begin_again(runtime: Runtime, run: HarvestRun, error: TokenRefused) -> None:
    """A token may expire while we were away; what was taken is not taken twice, and the pages that
    were seen may bring nothing new.
    """
    with runtime.work() as work:
        row = work.session.get_one(HarvestRun, run.id, with_for_update=True)
        row.token, row.restarts, row.idle = "", row.restarts + 1, -row.pages
        if row.restarts > MAX_RESTARTS or not run.token:
            _end(work, row, RunState.FAILED, error.message)


def _turn_page(runtime: Runtime, run: HarvestRun, page: Page, *, new: bool) -> bool:
    """Keep how far it is; whether there is a page to come."""
    with runtime.work() as work:
        row = work.session.get(HarvestRun, run.id, with_for_update=True)
        if row is None or row.state != RunState.RUNNING or row.token != run.token:
            return row is not None and row.state == RunState.RUNNING  # another worker was quicker
        now = work.clock.now()
        row.said_at = row.said_at or min(page.said_at or now, now)
        row.pages, row.attempts, row.seen_at = row.pages + 1, 0, now
        row.size = page.size or row.size
        row.idle = 0 if new else row.idle + 1
        problem, params = _trouble(work, row, page)
        row.token = page.token
        if problem:
            _end(work, row, RunState.FAILED, problem, **params)
        elif not page.token:
            _end(work, row, RunState.DONE)
        return row.state == RunState.RUNNING


def _trouble(work: Work, run: HarvestRun, page: Page) -> tuple[str, dict[str, int]]:
    """What shows that the list would never end."""
    most = work.settings.harvest_max_records
    if page.token and page.token == run.token:
        return SAME_TOKEN, {}
    if page.token and run.idle >= MAX_IDLE:
        return CIRCLE, {}
    if run.pages >= MAX_PAGES:
        return ENDLESS, {}
    source = work.session.get_one(HarvestSource, run.source_id)
    if page.token and counted(work, source) > most:
        return TOO_MANY, {"most": most}
    return "", {}


def fail(runtime: Runtime, run_id: int, message: str, **params: object) -> None:
    """End a run without having come to the end of the list; the next begins where it began."""
    with runtime.work() as work:
        run = work.session.get(HarvestRun, run_id, with_for_update=True)
        if run is not None and run.state == RunState.RUNNING:
            _end(work, run, RunState.FAILED, message, **params)


def _end(work: Work, run: HarvestRun, state: RunState, message: str = "", **params: object) -> None:
    run.state, run.problem = state.value, message
    run.params = {name: str(value) for name, value in params.items()}
    run.finished_at, run.token = work.clock.now(), ""
    source = work.session.get_one(HarvestSource, run.source_id)
    source.due_at = _next(source, run.finished_at)
    if state is RunState.DONE:
        source.synced_to = run.said_at
        if run.whole:
            _note_missing(work, run)


def _next(source: HarvestSource, now: datetime) -> datetime | None:
    pause = timedelta(hours=source.every_hours)
    return now + pause if source.enabled and source.every_hours else None


def _note_missing(work: Work, run: HarvestRun) -> None:
    """Not every source tells what it deleted; but a list may be short by a fault, too."""
    unseen = update(HarvestedItem).where(
        HarvestedItem.source_id == run.source_id,
        HarvestedItem.state == ItemState.TAKEN.value,
        HarvestedItem.run_id != run.id,
    )
    work.session.execute(unseen.values(state=ItemState.MISSING.value, problem=NOT_LISTED))


def postpone(runtime: Runtime, run_id: int, error: FetchRefused) -> int:
    """Note that the source did not answer; seconds until it is asked again, 0 where it will not be.

    A busy source says itself when (`Retry-After`), but no more than an hour is believed.
    """
    with runtime.work() as work:
        query = select(HarvestRun).where(HarvestRun.id == run_id).with_for_update()
        run = work.session.scalar(query)
        if run is None or run.state != RunState.RUNNING:
            return 0
        run.attempts += 1
        run.problem, run.seen_at = error.message, work.clock.now()
        run.params = {name: str(value) for name, value in error.params.items()}
        if run.attempts >= MAX_ATTEMPTS:
            _end(work, run, RunState.FAILED, error.message, **error.params)
            return 0
        pause = error.retry_after or FIRST_PAUSE * 4 ** (run.attempts - 1)
        return max(1, min(pause, MAX_PAUSE))

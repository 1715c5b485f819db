"""The drill: a backup is worth what a restore from it gave back the last time it was tried."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from repository.core.errors import RepositoryError
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.preservation.dumps import scratch_database
from repository.preservation.models import BackupRun
from repository.preservation.places import open_for_reading
from repository.preservation.policies import DEFAULT, Duty, wanted
from repository.preservation.restore import restore
from repository.preservation.runs import DRILL, exclusive, recorded

LOST = N_("%(count)s contents had no good copy when the backup was made.")


def drill(
    runtime: Runtime,
    tell: Callable[[int], None] = lambda _size: None,
    duty: Duty | None = None,
) -> BackupRun:
    """Restore the newest backup into an empty temporary place and compare all of it.

    That of a policy at a site: of the default one at its first, where no duty is named.

    Needs as much room in the data folder as the repository has bytes; on PostgreSQL also the right
    to create a database. The row's `figures` are hours, promised and measured: RPO is the age of
    the backup, RTO the time the restore took. `kept` says whether both promises were.
    Raises RepositoryError where anything is missing or not equal; that is kept as well.
    """
    if duty is None:
        with runtime.read() as work:
            [duty, *_] = wanted(work, DEFAULT)
    terms = duty.policy.terms
    with exclusive(runtime.settings), recorded(runtime, DRILL, duty) as run:
        target = open_for_reading(runtime.settings, duty.site)
        with _empty_place(runtime) as settings:
            begun = time.monotonic()
            restored = restore(target, settings, tell=tell)
            rto = (time.monotonic() - begun) / 3600
        rpo = (runtime.clock.now() - restored.manifest.created_at).total_seconds() / 3600
        run.backup_id = restored.manifest.id
        run.figures = {
            "rpo": round(rpo, 2),
            "rto": round(rto, 4),
            "promised_rpo": terms.rpo_hours,
            "promised_rto": terms.rto_hours,
            "kept": rpo <= terms.rpo_hours and rto <= terms.rto_hours,
            "tables": restored.tables,
            "rows": restored.rows,
            "contents": restored.contents,
            "bytes": restored.bytes,
        }
        if restored.lost:
            raise RepositoryError(LOST, count=restored.lost)
    return run


@contextmanager
def _empty_place(runtime: Runtime) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(dir=runtime.settings.data_dir, prefix="drill-") as name:
        data_dir = Path(name) / "data"
        common = {"data_dir": data_dir, "storage": "local"}
        if runtime.database.is_sqlite:
            yield runtime.settings.model_copy(update={**common, "database_url": ""})
            return
        scratch = Path(name).name.replace("-", "_").lower()
        with scratch_database(runtime.database.engine.url, scratch) as url:
            plain = url.render_as_string(hide_password=False)
            yield runtime.settings.model_copy(update={**common, "database_url": plain})

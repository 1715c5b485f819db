"""Locks of copies are begun anew before their days are over, as long as the copies are wanted.

Checks of fixity do so for contents, each backup for the target's own root. Here it is done for
what nobody reads in between: the backups that are kept, with their dumps of the database, and the
inventories and metadata of OCFL objects.
"""

import time
from datetime import timedelta

from sqlalchemy import or_, select, update

from repository.core.runtime import Runtime
from repository.preservation import manifest as manifests
from repository.preservation.models import BackupObject, BackupPlace
from repository.preservation.places import open_for_writing, place_of
from repository.preservation.policies import Duty
from repository.preservation.replication import object_id
from repository.preservation.runs import exclusive
from storage.backup import ocfl
from storage.backup.targets import Target

BATCH = 50
DATA = "/content/data/"


def renew(runtime: Runtime, duty: Duty, *, seconds: float) -> bool:
    """Renew what has half its days behind it at a site, for at most so long; whether all is done.

    Killed, it is gone on with. Raises Conflict (a backup is running), StorageError.
    """
    if not duty.policy.terms.lock_mode:
        return True
    deadline = time.monotonic() + seconds
    with exclusive(runtime.settings):
        target = open_for_writing(runtime, duty)
        place = place_of(target)
        with runtime.read() as work:
            known = work.session.get(BackupPlace, place)
        if known is None or not known.locked:
            return True
        _renew_backups(target, duty.policy.name)
        return _renew_objects(runtime, target, duty, place, deadline)


def _renew_backups(target: Target, policy: str) -> None:
    for manifest in manifests.backups(target):
        if manifests.policy_of(manifest) == policy:
            for key in target.keys(f"{manifests.FOLDER}/{manifest.id}"):
                target.renew(key)


def _renew_objects(
    runtime: Runtime, target: Target, duty: Duty, place: str, deadline: float
) -> bool:
    half = timedelta(days=duty.policy.terms.lock_days) / 2
    at = BackupObject.renewed_at
    due = or_(at.is_(None), at < runtime.clock.now() - half)
    query = select(BackupObject.version_id).where(BackupObject.place == place, due)
    while True:
        with runtime.read() as work:
            ids = work.session.scalars(query.order_by(at.nulls_first()).limit(BATCH)).all()
        for version_id in ids:
            if time.monotonic() >= deadline:
                return False
            for key in target.keys(ocfl.object_path(object_id(version_id))):
                if DATA not in key:
                    target.renew(key)
            mine = (BackupObject.version_id == version_id, BackupObject.place == place)
            with runtime.work() as work:
                now = work.clock.now()
                work.session.execute(update(BackupObject).where(*mine).values(renewed_at=now))
        if len(ids) < BATCH:
            return True

"""Locks of copies in a bucket: seen, kept to, renewed."""

import io
from datetime import date
from pathlib import Path

import pytest
from minio.error import S3Error

from repository.core.runtime import Runtime
from repository.preservation import backup, watch
from repository.preservation.places import target_at
from repository.preservation.restore import restore
from tests.preservation.conftest import publish
from tests.preservation.test_jobs import run_scheduled
from tests.preservation.test_sites import DATA, bucket_of, bucket_site, elsewhere, keep_at
from tests.services.s3 import S3

LOCKED_TILL = "x-amz-object-lock-retain-until-date"


def test_a_lock_that_is_not_there_warns(keyed: Runtime, s3: S3) -> None:
    site = bucket_site(s3)
    [duty] = keep_at(keyed, site, lock_mode="GOVERNANCE", lock_days=90)
    backup.run(keyed, duty=duty)
    with keyed.read() as work:
        assert watch.UNLOCKED in [each.message for each in watch.warnings(work)]


def test_a_locked_copy_outlives_all_the_application_can_do(
    keyed: Runtime, ceph: S3, tmp_path: Path
) -> None:
    """With its own credentials everything is deleted and written over; the locked versions stay,
    and come back when what hides them is taken away.
    """
    publish(keyed, tmp_path / "in", "mua", {"a.csv": DATA})
    site = bucket_site(ceph, locks=True)
    [duty] = keep_at(keyed, site, lock_mode="COMPLIANCE", lock_days=90)
    made = backup.run(keyed, duty=duty).manifest
    with keyed.read() as work:
        assert watch.UNLOCKED not in [each.message for each in watch.warnings(work)]

    client, bucket = ceph.client(), bucket_of(site)
    kept = set[tuple[str, str]]()
    for item in client.list_objects(bucket, recursive=True, include_version=True):
        if item.is_delete_marker:  # of the trial of the lock
            continue
        name, version = str(item.object_name), str(item.version_id)
        with pytest.raises(S3Error, match="forbidden by object lock"):
            client.remove_object(bucket, name, version_id=version)
        client.put_object(bucket, name, io.BytesIO(b"encrypted by them"), 17)
        client.remove_object(bucket, name)
        kept.add((name, version))
    assert {name.split("/")[1] for name, _ in kept} == {"backups", "ocfl", "target-id.age", "tmp"}

    for item in client.list_objects(bucket, recursive=True, include_version=True):
        if (str(item.object_name), str(item.version_id)) not in kept:
            client.remove_object(bucket, str(item.object_name), version_id=item.version_id)
    empty = elsewhere(site, tmp_path / "new", keyed.settings.backup_identity)
    done = restore(target_at(empty, site.address), empty)
    assert (done.manifest.id, done.contents) == (made.id, 1)


def test_locks_are_renewed_while_the_copy_is_wanted(
    keyed: Runtime, ceph: S3, tmp_path: Path
) -> None:
    """The dumps and the inventories, which no check of fixity reads."""
    publish(keyed, tmp_path / "in", "mua", {"a.csv": DATA})
    site = bucket_site(ceph, locks=True)
    [duty] = keep_at(keyed, site, lock_mode="GOVERNANCE", lock_days=90)
    backup.run(keyed, duty=duty)
    client, bucket = ceph.client(), bucket_of(site)

    def locked_till() -> dict[str, date]:
        found = {}
        for item in client.list_objects(bucket, recursive=True):
            name = str(item.object_name)
            if "/tmp/" not in name and not name.endswith("/a.csv.age"):
                headers = client.stat_object(bucket, name).metadata or {}
                found[name] = date.fromisoformat(headers[LOCKED_TILL][:10])
        return found

    before = locked_till()
    assert {
        "database.sqlite.age",
        "manifest.json.age",
        "inventory.json.age",
        "record.json.age",
    } <= {name.rpartition("/")[2] for name in before}
    keep_at(keyed, site, lock_mode="GOVERNANCE", lock_days=120)
    assert run_scheduled(keyed, "backup.renew-locks").last_error is None
    after = locked_till()
    assert {name: (after[name] - then).days for name, then in before.items()} == dict.fromkeys(
        before, 30
    )
    keep_at(keyed, site, lock_mode="GOVERNANCE", lock_days=100)
    assert run_scheduled(keyed, "backup.renew-locks").last_error is None
    assert locked_till() == after, "a longer lock is left"

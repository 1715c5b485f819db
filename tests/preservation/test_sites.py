"""Several sites: folders and buckets, plain and encrypted, and what is done when one is away."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from sqlalchemy import select

from repository.accounts.models import Actor, Role
from repository.core.clock import FixedClock
from repository.core.copies import Copy
from repository.core.errors import Conflict, Forbidden, NotFound, RepositoryError, ValidationFailed
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.preservation import backup, fixity, sites, watch
from repository.preservation import manifest as manifests
from repository.preservation.backup_cli import backup as backup_command
from repository.preservation.drill import drill
from repository.preservation.exposure import exposure
from repository.preservation.models import BackupRun, BackupSite
from repository.preservation.places import target_at
from repository.preservation.policies import Duty, current, duties, revise, user_of
from repository.preservation.restore import restore
from repository.preservation.rules import Terms, parse_terms
from repository.preservation.sites import Site
from repository.records.collections import Collection, CollectionRecord
from repository.records.models import Version
from storage.backup.encrypted import new_key
from tests.preservation.conftest import administrator, publish, with_target
from tests.preservation.damage import flip, sha256
from tests.preservation.test_jobs import run_scheduled
from tests.runtimes import make_settings
from tests.services.s3 import S3

DATA = b"1,2,3\n" * 100


def bucket_site(
    s3: S3, name: str = "bucket", *, encrypted: bool = True, locks: bool = False
) -> Site:
    address = f"s3:http://{s3.endpoint}/{s3.create_bucket(locks=locks)}/kho"
    return Site(name, address, "us-east-1", s3.access_key, SecretStr(s3.secret_key), encrypted)


def keep_at(runtime: Runtime, *given: Site, policy: str = "default", **terms: object) -> list[Duty]:
    """Have a policy keep copies at these sites; what it then wants done."""
    actor = administrator(runtime)
    with runtime.work() as work:
        for site in given:
            if site.name != sites.DEFAULT:
                sites.save(work, actor, site)
        names = [site.name for site in given]
        wanted = Terms().model_dump() | {"sites": names} | terms
        revise(work, actor, parse_terms(wanted), policy)
    with runtime.read() as work:
        return duties(work, policy)


def folder_of(runtime: Runtime) -> Site:
    return sites.of_settings(runtime.settings)


def test_an_encrypted_bucket_brings_everything_back(keyed: Runtime, s3: S3, tmp_path: Path) -> None:
    publish(keyed, tmp_path / "in", "mua", {"số liệu/mưa.csv": DATA, "empty": b""})
    site = bucket_site(s3)
    [duty] = keep_at(keyed, site)
    made = backup.run(keyed, duty=duty).manifest
    assert (made.contents.count, made.contents.missing) == (2, 0)
    assert drill(keyed, duty=duty).figures["kept"]
    raw = [item.object_name for item in s3.client().list_objects(bucket_of(site), recursive=True)]
    assert raw
    assert all(str(name).endswith(".age") for name in raw)

    empty = elsewhere(site, tmp_path / "new", keyed.settings.backup_identity)
    done = restore(target_at(empty, site.address), empty)
    assert (done.manifest.id, done.contents) == (made.id, 2)
    target = target_at(empty, site.address)
    assert backup.verify(target, made).problems == []


def elsewhere(site: Site, folder: Path, identity: str) -> Settings:
    return make_settings(
        folder,
        "",
        backup_access_key=site.access_key,
        backup_secret_key=site.secret_key.get_secret_value(),
        backup_identity=identity,
    )


def bucket_of(site: Site) -> str:
    return site.address.split("/")[3]


def test_without_the_key_it_is_said_what_lacks(keyed: Runtime, tmp_path: Path) -> None:
    [duty] = keep_at(keyed, Site("vault", str(tmp_path / "vault"), encrypted=True))
    backup.run(keyed, duty=duty)
    address = duty.site.address
    with pytest.raises(ValidationFailed, match="Name the file of its key"):
        target_at(make_settings(tmp_path / "new", ""), address)
    with pytest.raises(ValidationFailed, match="cannot be read"):
        target_at(make_settings(tmp_path / "new", "", backup_identity="/absent"), address)
    new_key(tmp_path / "other")
    other = make_settings(tmp_path / "new", "", backup_identity=str(tmp_path / "other"))
    with pytest.raises(RepositoryError, match="encrypted to another key"):
        target_at(other, address)
    stranger = with_target(
        keyed, address, backup_encrypted=True, backup_identity=other.backup_identity
    )
    with pytest.raises(RepositoryError, match="encrypted to another key"):
        backup.run(stranger)


def test_plain_and_encrypted_are_not_mixed(keyed: Runtime, tmp_path: Path) -> None:
    backup.run(keyed, duty=keep_at(keyed, folder_of(keyed))[0])
    [duty] = keep_at(keyed, Site("again", keyed.settings.backup_target, encrypted=True))
    with pytest.raises(ValidationFailed, match="Name an empty place"):
        backup.run(keyed, duty=duty)


def test_a_bad_original_and_a_bad_copy_are_put_right_from_the_third(
    keyed: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(keyed, tmp_path / "in", "mua", {"a.csv": DATA})
    vault = Site("vault", str(tmp_path / "vault"), encrypted=True)
    for duty in keep_at(keyed, folder_of(keyed), vault, copies=2):
        backup.run(keyed, duty=duty)
    stored = keyed.store.local_path(sha256(DATA))
    assert stored is not None
    [copied] = Path(keyed.settings.backup_target).glob("ocfl/**/a.csv")
    flip(stored)
    flip(copied)
    clock.advance(timedelta(seconds=1))
    with keyed.work() as work:
        fixity.register_new(work)
    report = fixity.check(keyed, clock.now())
    assert (report.checked, report.repaired, report.bad) == (3, 2, [])
    assert stored.read_bytes() == copied.read_bytes() == DATA
    [sealed] = (tmp_path / "vault").glob("ocfl/**/a.csv.age")
    flip(sealed)
    clock.advance(timedelta(seconds=1))
    report = fixity.check(keyed, clock.now())
    assert (report.repaired, report.bad) == (1, [])


def test_a_site_that_is_away_keeps_no_other_from_its_backup(
    keyed: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(keyed, tmp_path / "in", "mua", {"a.csv": DATA})
    gone = Site("gone", "s3:http://127.0.0.1:1/bucket", access_key="key", secret_key=SecretStr("x"))
    keep_at(keyed, gone, folder_of(keyed), copies=2)
    job = run_scheduled(keyed, "backup.run")
    assert "did not answer" in str(job.last_error)
    with keyed.read() as work:
        states = {run.site: run.state for run in work.session.scalars(select(BackupRun))}
        assert states == {"gone": "failed", "default": "complete"}
        [failed] = [each for each in watch.warnings(work) if each.message == watch.FAILED["backup"]]
    assert failed.where == "default, gone"
    assert "cannot be used" in failed.text("en")
    clock.advance(timedelta(hours=27))
    with keyed.read() as work:
        found = exposure(work, current(work))
        assert (found.count, found.bytes, round(found.hours)) == (1, len(DATA), 27)
        assert watch.EXPOSED in [each.message for each in watch.warnings(work)]
    assert fixity.check(keyed, clock.now()).bad == [], "a site that is away is no bad copy"


def test_a_named_backup_is_looked_for_at_every_site(keyed: Runtime, tmp_path: Path) -> None:
    publish(keyed, tmp_path / "in", "mua", {"a.csv": DATA})
    far, gone = Site("far", str(tmp_path / "far")), Site("gone", str(tmp_path / "gone"))
    first, second = keep_at(keyed, folder_of(keyed), far)
    backup.run(keyed, duty=first)
    made = backup.run(keyed, duty=second).manifest

    def verify(name: str, code: int) -> tuple[str, str]:
        told = CliRunner().invoke(backup_command, ["verify", name], obj=lambda: keyed)
        assert told.exit_code == code, told.output
        return told.stdout, told.stderr

    assert verify(made.id, 0)[0].splitlines() == [
        f"default: {made.id} is not here",
        f"far: {made.id}: 1 contents, {len(DATA)} bytes, 1 objects, 0 problems",
    ]
    assert "far: 20260101T000000Z-abcdef is not here" in verify("20260101T000000Z-abcdef", 1)[0]
    keep_at(keyed, gone, far)
    told, lacking = verify(made.id, 1)
    assert "gone: There is no backup in" in lacking
    assert "0 problems" in told, "a site that cannot be read keeps no other from being looked at"


def test_some_of_the_files_for_somebody_else(
    keyed: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    inside = publish(keyed, tmp_path / "in", "mua", {"a.csv": DATA})
    publish(keyed, tmp_path / "in", "gio", {"b.csv": b"not for them"})
    with keyed.work() as work:
        now = clock.now()
        made = Collection(slug="khi-hau", title_vi="Khí hậu", created_at=now, updated_at=now)
        work.session.add(made)
        work.session.flush()
        record = work.session.get_one(Version, inside).record_id
        work.session.add(CollectionRecord(collection_id=made.id, record_id=record, added_at=now))
    partner = Site("partner", str(tmp_path / "partner"))
    alone = {"database": False, "configuration": False}
    [duty] = keep_at(keyed, partner, policy="partner", collections=["khi-hau"], **alone)
    manifest = backup.run(keyed, duty=duty).manifest
    assert (manifest.contents.count, manifest.database, manifest.configuration) == (1, None, None)
    names = [path.name for path in (tmp_path / "partner").rglob("*.csv")]
    assert names == ["a.csv"]
    target = target_at(keyed.settings, partner.address)
    assert backup.verify(target, manifest).problems == []
    with pytest.raises(NotFound, match="no complete backup"):
        restore(target, make_settings(tmp_path / "new", ""))
    with keyed.read() as work:
        assert exposure(work, duty.policy).count == 0
        version = work.session.get_one(Version, inside)
    with keyed.work() as work:
        work.session.merge(version).files_access = "restricted"
    [duty] = keep_at(keyed, partner, policy="partner", classes=["protected"], **alone)
    assert backup.run(keyed, duty=duty).manifest.contents.count == 1


def test_the_audit_log_as_text(keyed: Runtime, tmp_path: Path) -> None:
    [duty] = keep_at(keyed, folder_of(keyed), audit_log=True)
    made = backup.run(keyed, duty=duty).manifest
    assert made.audit_log is not None
    lines = (Path(keyed.settings.backup_target) / made.audit_log.key).read_text().splitlines()
    assert any('"backup.policy"' in line for line in lines)
    assert len(lines) == made.dump.tables["audit_events"].rows


def test_secrets_are_sealed_and_left_when_nothing_is_typed(keyed: Runtime, s3: S3) -> None:
    site = bucket_site(s3)
    keep_at(keyed, site)
    with keyed.work() as work:
        row = work.session.get_one(BackupSite, "bucket")
        assert s3.secret_key.encode() not in (row.secret or b"")
        changed = Site("bucket", site.address, access_key="another", encrypted=True)
        sites.save(work, administrator(keyed), changed)
    with keyed.read() as work:
        found = sites.find(work, "bucket")
        assert found.secret_key.get_secret_value() == s3.secret_key
        assert found.access_key == "another"


@pytest.mark.parametrize(
    ("site", "field"),
    [
        (Site("Kho lạnh", "/mnt/a"), "/name"),
        (Site("default", "/mnt/a"), "/name"),
        (Site("nas", "mnt/a"), "/address"),
        (Site("nas", "s3:https:///bucket"), "/address"),
        (Site("nas", "s3:https://u:p@host/bucket"), "/address"),
        (Site("nas", "ftp://host/bucket"), "/address"),
        (Site("nas", "/mnt/a", encrypted=True), "/encrypted"),
    ],
)
def test_sites_that_cannot_be(sqlite_runtime: Runtime, site: Site, field: str) -> None:
    kept = with_target(sqlite_runtime, "/mnt/backup")
    with kept.work() as work, pytest.raises(ValidationFailed) as raised:
        sites.save(work, administrator(kept), site)
    assert [wrong.pointer for wrong in raised.value.errors] == [field]


def test_only_administrators_say_where(keyed: Runtime, tmp_path: Path) -> None:
    curator = Actor(user_id=1, role=Role.CURATOR)
    with keyed.work() as work:
        with pytest.raises(Forbidden):
            sites.save(work, curator, Site("nas", "/mnt/a"))
        with pytest.raises(Forbidden):
            revise(work, curator, Terms())
        inside = str(keyed.settings.data_dir / "copies")
        with pytest.raises(ValidationFailed, match="inside the data folder"):
            sites.save(work, administrator(keyed), Site("nas", inside))
    keep_at(keyed, Site("nas", str(tmp_path / "nas")))
    with keyed.work() as work, pytest.raises(Conflict, match="policy default keeps"):
        sites.remove(work, administrator(keyed), "nas", user_of(work, "nas"))


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"sites": ["nowhere"]}, "/sites"),
        ({"collections": ["x"]}, "/database"),
        ({"database": False}, "/database"),
        ({"copies": 2, "sites": ["default"]}, "/copies"),
        ({"copies": 0}, "/copies"),
        ({"classes": ["secret"]}, "/classes"),
        ({"lock_mode": "FOREVER"}, "/lock_mode"),
        ({"lock_mode": "COMPLIANCE", "lock_days": 30}, "/lock_days"),
    ],
)
def test_terms_that_cannot_be(sqlite_kept: Runtime, terms: dict[str, object], field: str) -> None:
    with sqlite_kept.work() as work, pytest.raises(ValidationFailed) as raised:
        revise(work, administrator(sqlite_kept), parse_terms(Terms().model_dump() | terms))
    assert next(wrong.pointer for wrong in raised.value.errors).startswith(field)


def test_policies_keep_to_their_own_backups(
    keyed: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    site = Site("nas", str(tmp_path / "nas"))
    [often] = keep_at(keyed, site, policy="often", keep_daily=0, keep_weekly=0, keep_monthly=0,
                      keep_yearly=0, grace_days=0)  # fmt: skip
    [seldom] = keep_at(keyed, site, policy="seldom", every_hours=999)
    for _ in range(2):
        run_scheduled(keyed, "backup.run")
        clock.advance(timedelta(days=2))
    found = manifests.backups(target_at(keyed.settings, site.address))
    assert sorted(each.policy for each in found) == ["often v1", "seldom v1"]
    with keyed.read() as work:
        places = set(work.session.scalars(select(Copy.place)))
    assert len(places) <= 1
    assert (often.label, seldom.label) == ("often, nas", "seldom, nas")

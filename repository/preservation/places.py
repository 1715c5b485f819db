"""The places of a copy, stores and backup sites, opened with what opens them."""

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import structlog

from repository.core.errors import RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.preservation import sites
from repository.preservation.abroad import refuse_database
from repository.preservation.models import BackupPlace
from repository.preservation.policies import NO_TARGET, Duty, duties
from repository.preservation.rules import bucket_of
from repository.preservation.sites import Site
from storage.backup import ocfl
from storage.backup.encrypted import ENDING, EncryptedTarget, Keys, NoKey, Undecipherable, read_keys
from storage.backup.s3 import S3Target
from storage.backup.targets import FolderTarget, Lock, Target, hash_of, stream_of
from storage.base import NotStored, StorageError, Stored

IDENTITY = "target-id"
NOT_A_BACKUP = N_("There is no backup in %(place)s.")
NO_KEY = N_(
    "The backup in %(place)s is encrypted. Name the file of its key in "
    "REPOSITORY_BACKUP_IDENTITY; without that key nobody can read it."
)
WRONG_KEY = N_("The backup in %(place)s is encrypted to another key than those in %(file)s.")
BAD_KEY = N_("Nothing can be encrypted or decrypted: %(reason)s.")
MIXED = N_(
    "What lies in %(place)s is encrypted, and the site says that it is not, or the other way "
    "round. Name an empty place."
)
log = structlog.get_logger(__name__)


def _plain(site: Site) -> Target:
    bucket = bucket_of(site.address)
    if bucket is None:
        return FolderTarget(Path(site.address))
    return S3Target(
        bucket.endpoint,
        bucket.bucket,
        bucket.prefix,
        site.access_key,
        site.secret_key.get_secret_value(),
        region=site.region,
        secure=bucket.secure,
    )


def _keys(settings: Settings, place: str) -> Keys:
    if not settings.backup_identity:
        raise ValidationFailed(NO_KEY, place=place)
    try:
        return read_keys(Path(settings.backup_identity), settings.backup_recipients)
    except NoKey as error:
        raise ValidationFailed(BAD_KEY, reason=str(error)) from error


def open_for_writing(runtime: Runtime, duty: Duty) -> Target:
    """A site made ready for what a policy wants of it. Raises ValidationFailed, StorageError.

    Where locks are wanted they are tried once on each medium, and what came of it is kept.
    """
    settings, site = runtime.settings, duty.site
    refuse_database(settings, duty.policy.terms, site, "/sites")
    plain = _plain(site)
    if isinstance(plain, FolderTarget):
        sites.refuse_inside(settings, site.address)
    plain.prepare()
    if _holds(plain, IDENTITY if site.encrypted else IDENTITY + ENDING):
        raise ValidationFailed(MIXED, place=site.address)
    target: Target = (
        EncryptedTarget(plain, _keys(settings, site.address)) if site.encrypted else plain
    )
    known = None
    if is_ready(target):
        _refuse_strange_key(settings, target, site.address)
        with runtime.read() as work:
            known = work.session.get(BackupPlace, place_of(target))
    terms, locked = duty.policy.terms, known.locked if known else None
    if terms.lock_mode:  # before anything is written, so that nothing is without a lock
        locked = target.lock(Lock(terms.lock_mode, terms.lock_days), seen=bool(locked))
    ocfl.prepare_root(target)
    if not is_ready(target):
        target.replace(IDENTITY, secrets.token_hex(6).encode())
    target.renew(IDENTITY)
    _note_place(runtime, place_of(target), duty, known, locked=locked)
    return target


def _note_place(
    runtime: Runtime, place: str, duty: Duty, known: BackupPlace | None, *, locked: bool | None
) -> None:
    if known and (known.site, known.locked) == (duty.site.name, locked):
        return
    with runtime.work() as work:
        now = work.clock.now()
        row = BackupPlace(place=place, site=duty.site.name, locked=locked, seen_at=now)
        work.session.merge(row)


def place_of(target: Target) -> str:
    """What rows call this target, wherever it is mounted."""
    return f"backup:{b''.join(target.read(IDENTITY)).decode()}"


def target_at(settings: Settings, address: str) -> Target:
    """A place that holds backups, to be read with the settings' credentials and key.

    Raises RepositoryError where it holds none, or is encrypted to a key that is not at hand.
    """
    return open_for_reading(settings, sites.of_settings(settings, address))


def open_for_reading(settings: Settings, site: Site) -> Target:
    """The same, of a site; whether it is encrypted is seen, and not asked of the site."""
    if not site.address:
        raise ValidationFailed(NO_TARGET)
    if not site.address.startswith("s3:"):
        site = Site(site.name, str(Path(site.address).resolve()))
    plain = _plain(site)
    if _holds(plain, IDENTITY):
        return plain
    if not _holds(plain, IDENTITY + ENDING):
        raise RepositoryError(NOT_A_BACKUP, place=site.address)
    target = EncryptedTarget(plain, _keys(settings, site.address))
    _refuse_strange_key(settings, target, site.address)
    return target


def _refuse_strange_key(settings: Settings, target: Target, place: str) -> None:
    try:
        place_of(target)
    except Undecipherable as error:
        raise RepositoryError(WRONG_KEY, place=place, file=settings.backup_identity) from error


def ready_targets(runtime: Runtime) -> dict[str, tuple[Target, int]]:
    """Each place of copies that answers and holds backups, and within how many days its copies
    are to be checked. An empty mount point is not taken for a backup whose every copy was lost.
    """
    found: dict[str, tuple[Target, int]] = {}
    with runtime.read() as work:
        wanted = duties(work)
        locked = {row.place for row in work.session.query(BackupPlace) if row.locked}
    for duty in wanted:
        terms = duty.policy.terms
        try:
            target = open_for_reading(runtime.settings, duty.site)
            place = place_of(target)
        except (RepositoryError, StorageError) as error:
            log.warning("backup site is not there", site=duty.site.name, error=str(error))
            continue
        if terms.lock_mode and place in locked:
            target.lock(Lock(terms.lock_mode, terms.lock_days), seen=True)
        if place not in found or found[place][1] > terms.fixity_days:
            found[place] = target, terms.fixity_days
    return found


def is_ready(target: Target) -> bool:
    return _holds(target, IDENTITY)


def _holds(target: Target, key: str) -> bool:
    try:
        target.size(key)
    except NotStored:
        return False
    return True


def rewrite(
    runtime: Runtime, targets: Mapping[str, Target], bad: tuple[str, str], source: tuple[str, str],
    sha256: str,
) -> Stored:  # fmt: skip
    """Put right the copy at `bad` from that at `source`, which is read and proved good first.

    Both are a place and a path in it. Raises StorageError when the source is not good either; the
    bad copy is then left as it is.
    """

    def read() -> Iterator[bytes]:
        place, path = source
        if place in runtime.stores:
            return runtime.stores[place].read(sha256)
        return targets[place].read(path)

    good = hash_of(read())
    if good.sha256 != sha256:
        raise NotStored(f"no good copy of {sha256}")
    place, path = bad
    if place in runtime.stores:
        runtime.stores[place].delete(sha256)
        return runtime.stores[place].write(stream_of(read()), size=good.size, sha256=sha256)
    return targets[place].put(path, read, sha256=sha256)

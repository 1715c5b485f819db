"""Letting old backups go."""

from datetime import timedelta

from repository.core.copies import Copy
from repository.core.runtime import Runtime
from repository.preservation import manifest as manifests
from repository.preservation.manifest import Manifest
from repository.preservation.places import place_of
from repository.preservation.policies import DEFAULT
from repository.preservation.rules import Terms
from repository.preservation.runs import exclusive
from storage.backup.retention import kept
from storage.backup.targets import Target


def prune(
    runtime: Runtime, target: Target, terms: Terms, policy: str = DEFAULT
) -> tuple[list[str], int]:
    """Let backups of a policy go that it no longer keeps, with what only they hold of `content/`.

    Objects of published versions are never removed, nor a backup in the days of grace. Gives the
    ids and how many contents went.
    """
    with exclusive(runtime.settings):
        everything = manifests.backups(target)
        there = [each for each in everything if manifests.policy_of(each) == policy]
        grace = runtime.clock.now() - timedelta(terms.grace_days)
        keep = {each.created_at for each in there if each.created_at > grace} | kept(
            (manifest.created_at for manifest in there),
            daily=terms.keep_daily,
            weekly=terms.keep_weekly,
            monthly=terms.keep_monthly,
            yearly=terms.keep_yearly,
        )
        gone = [manifest for manifest in there if manifest.created_at not in keep]
        for manifest in gone:
            _delete(target, manifest)
        wanted = {
            line.path
            for manifest in everything
            if manifest not in gone
            for line in manifests.content_lines(target, manifest)
        }
        return [manifest.id for manifest in gone], _sweep(runtime, target, wanted)


def _delete(target: Target, manifest: Manifest) -> None:
    """The manifest first: from then on it is no backup, however far this comes."""
    target.delete(manifests.key_of(manifest.id, manifests.MANIFEST))
    for key in list(target.keys(f"{manifests.FOLDER}/{manifest.id}")):
        target.delete(key)


def _sweep(runtime: Runtime, target: Target, wanted: set[str | None]) -> int:
    """Contents that no kept backup names and the database does not know either."""
    place, removed = place_of(target), 0
    for key in list(target.keys("content")):
        if key in wanted:
            continue
        with runtime.read() as work:
            known = work.session.get(Copy, (key.rsplit("/", 1)[-1], place))
        if known is None or known.path != key:
            target.delete(key)
            removed += 1
    return removed

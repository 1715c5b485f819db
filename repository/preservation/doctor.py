"""What is wrong with copies and backups, one clear line each; see `repository doctor`."""

from collections.abc import Iterator

from repository.core.errors import RepositoryError
from repository.core.runtime import Runtime
from repository.preservation import placement
from repository.preservation.places import open_for_reading
from repository.preservation.policies import duties
from repository.preservation.watch import warnings
from storage.base import StorageError


def problems(runtime: Runtime) -> Iterator[str]:
    """What the operator is warned of, and sites that do not answer."""
    with runtime.read() as work:
        found, wanted = warnings(work), duties(work)
        held, ruled = placement.standing(work), placement.rules(work)
    for place in held.keys() - runtime.stores.keys():
        yield f"Files: {held[place].count} contents lie in {place}, which the settings do not name"
    for rule in ruled:
        if rule.place not in runtime.stores:
            yield f"Files: placement rule {rule.id} names {rule.place}: not in the settings"
        elif rule.country not in ("", placement.country_of(runtime.settings, rule.place)):
            yield f"Files: placement rule {rule.id} wants {rule.country}, its store is elsewhere"
    for warned in found:
        yield f"Backups: {warned.text()}"
    for site in {duty.site.name: duty.site for duty in wanted}.values():
        try:
            open_for_reading(runtime.settings, site)
        except (RepositoryError, StorageError) as error:
            yield f"Backups: the site {site.name} cannot be used: {error}"

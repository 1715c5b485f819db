"""The known registries; others come through the entry point group `repository.pid`."""

from collections.abc import Callable
from importlib.metadata import entry_points

from repository.core.errors import RepositoryError
from repository.core.messages import N_
from repository.pid.providers.base import Account, Provider
from repository.pid.providers.datacite import DataCiteProvider
from repository.pid.providers.local import LocalProvider

PROVIDERS: dict[str, Callable[[Account], Provider]] = {
    "local": LocalProvider,
    "datacite": DataCiteProvider,
}


def open_provider(account: Account) -> Provider:
    """Raises RepositoryError for a provider that is neither built in nor installed."""
    factory = PROVIDERS.get(account.provider)
    if factory is None:
        for found in entry_points(group="repository.pid", name=account.provider):
            return found.load()(account)  # type: ignore[no-any-return]
        message = N_("REPOSITORY_PID_PROVIDER=%(name)s is unknown; there are: %(known)s.")
        raise RepositoryError(message, name=account.provider, known=", ".join(PROVIDERS))
    return factory(account)

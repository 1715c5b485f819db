"""The site as its own registry: under a test prefix, resolved at `/doi/` here and nowhere else."""

from repository.pid.providers.base import Account, Held, Target


class LocalProvider:
    """Needs no service to start with; its DOIs are not known to doi.org."""

    remote = False

    def __init__(self, account: Account) -> None:
        self._account = account

    def put(self, target: Target) -> str:
        return "resolved by this site"

    def get(self, doi: str) -> Held | None:
        return None

    def check(self) -> None:
        return None

"""What a registry of identifiers must do, and how it says that it could not."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Protocol

from repository.pid.models import PidState


@dataclass(frozen=True)
class Account:
    """Through whom DOIs of one prefix are registered. Durations are seconds."""

    prefix: str
    provider: str
    url: str = ""
    username: str = ""
    password: str = ""
    rate_limit: int = 300
    rate_seconds: float = 300.0
    timeout: float = 20.0

    def __repr__(self) -> str:
        """Without the password, which so never comes into a log."""
        return f"Account({self.prefix} through {self.provider})"


@dataclass(frozen=True)
class Target:
    """All a registry should hold of a DOI: `attributes` are DataCite JSON, less event and url."""

    doi: str
    state: PidState
    url: str
    attributes: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 over everything that matters, the same for the same content."""
        text = json.dumps(
            [self.doi, self.state, self.url, self.attributes], sort_keys=True, ensure_ascii=False
        )
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Held:
    """What a registry does hold of a DOI."""

    state: PidState
    url: str
    attributes: dict[str, Any]


class RegistryError(Exception):
    """The registry did not do as asked.

    `blames_account`: the next DOI might fare no better. `stops_account`: it surely would not.
    """

    blames_account = False
    stops_account = False


class Refused(RegistryError):
    """The registry will not take this as it is; sending it again unchanged is of little use."""

    def __init__(self, message: str, *, blames_account: bool = False) -> None:
        super().__init__(message)
        self.blames_account = blames_account


class Uncertain(RegistryError):
    """A time-out, a broken connection, a 5xx: it may or may not have been done."""

    blames_account = True


class Blocked(RegistryError):
    """Nothing can be sent through this account: wrong credentials, or nobody answers."""

    blames_account = True
    stops_account = True


class Throttled(RegistryError):
    """The registry asks for a pause of `seconds`."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Provider(Protocol):
    """One registry, spoken to through one account.

    `remote` is False for one that is this site itself: then there is nothing to send or compare.
    """

    remote: bool

    def put(self, target: Target) -> str:
        """Make the registry hold exactly `target`, whatever it held; doing so twice is harmless.

        Returns the answer for people to read. Raises RegistryError.
        """
        ...

    def get(self, doi: str) -> Held | None:
        """What the registry holds; None when it knows of no such DOI. Raises RegistryError."""
        ...

    def check(self) -> None:
        """Try address and credentials without changing anything. Raises RegistryError."""
        ...

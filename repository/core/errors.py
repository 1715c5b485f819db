"""The one error shape. Pages and `application/problem+json` (RFC 9457) are made from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from repository.core.messages import N_


@dataclass(frozen=True)
class FieldError:
    """One wrong value: an RFC 6901 JSON pointer to it, and an English msgid with its params."""

    pointer: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


class RepositoryError(Exception):
    """Something the person or program that asked can understand and act upon.

    `message` is an English msgid with `%(name)s` places filled from `params`; the edge
    translates it. `code` is a stable word for programs, the end of the problem's `type`.
    """

    status = 500
    code = "internal-error"
    title = N_("Something went wrong")
    message = N_("The server could not do this. The operator can find it in the log.")

    def __init__(
        self,
        message: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
        **params: Any,
    ) -> None:
        if message is not None:
            self.message = message
        self.params = params
        self.errors = tuple(errors)
        self.retry_after = retry_after
        super().__init__(self.message % params if params else self.message)


class ValidationFailed(RepositoryError):
    status = 400
    code = "validation-failed"
    title = N_("Some values need attention")
    message = N_("Correct the values named below and send again.")


class Unauthenticated(RepositoryError):
    status = 401
    code = "unauthenticated"
    title = N_("Sign in first")
    message = N_("This needs a signed-in user or a valid token.")


class Forbidden(RepositoryError):
    """`way` is the path of a page where it can be asked for, or made possible, and `rel` how that
    relates (a registered link relation, RFC 8288); `told` are more members for programs, paths
    among them made absolute.
    """

    status = 403
    code = "forbidden"
    rel = "help"
    title = N_("Not allowed")
    message = N_("You may not do this.")

    def __init__(self, message: str | None = None, *, way: str = "", **params: Any) -> None:
        super().__init__(message, **params)
        self.way = way
        self.told: dict[str, str] = {}


class NotFound(RepositoryError):
    status = 404
    code = "not-found"
    title = N_("Not found")
    message = N_("There is nothing here, or it is not for you to see.")


class Conflict(RepositoryError):
    status = 409
    code = "conflict"
    title = N_("Something changed in the meantime")
    message = N_("Reload to see the newest state, then try again.")


class Gone(RepositoryError):
    status = 410
    code = "gone"
    title = N_("Withdrawn")
    message = N_("This was published once and has been withdrawn.")


class PreconditionFailed(RepositoryError):
    status = 412
    code = "stale-revision"
    title = N_("Someone saved before you")
    message = N_("This was saved elsewhere after you opened it. Nothing was overwritten.")


class TooLarge(RepositoryError):
    status = 413
    code = "too-large"
    title = N_("Too large")
    message = N_("This is larger than %(limit)s bytes.")


class RangeNotSatisfiable(RepositoryError):
    status = 416
    code = "range-not-satisfiable"
    title = N_("No such range")
    message = N_("The file has no bytes in the range asked for.")


class RateLimited(RepositoryError):
    status = 429
    code = "rate-limited"
    title = N_("Too many requests")
    message = N_("Wait a little, then try again.")


class Unavailable(RepositoryError):
    status = 503
    code = "unavailable"
    title = N_("Not available just now")
    message = N_("A part of the service does not answer. Nothing was lost; try again later.")


class InsufficientStorage(RepositoryError):
    status = 507
    code = "insufficient-storage"
    title = N_("No space left")
    message = N_("The store has no space left. Nothing was lost; tell the operator.")

"""What is wrong with accounts, one clear line each; see `repository doctor`."""

from collections.abc import Iterator

from sqlalchemy import select

from repository.accounts import factors
from repository.accounts.models import SecondFactor, User
from repository.core.errors import RepositoryError
from repository.core.runtime import Runtime

SHOWN = 5


def problems(runtime: Runtime) -> Iterator[str]:
    """Second factors that no code opens since the secret key was changed: their owners cannot sign
    in, and learn only that their code is wrong.
    """
    with runtime.read() as work:
        on = select(SecondFactor, User.email).join(User, User.id == SecondFactor.user_id)
        rows = work.session.execute(on.where(User.active).order_by(User.email))
        shut = []
        for factor, email in rows.yield_per(500):
            try:
                factors.secret_of(work, factor)
            except RepositoryError:
                shut.append(email)
    if shut:
        more = f" and {len(shut) - SHOWN} more" if len(shut) > SHOWN else ""
        yield (
            f"Accounts: the second factors of {', '.join(shut[:SHOWN])}{more} were sealed with "
            "another REPOSITORY_SECRET_KEY: set that again, or `repository user "
            "take-second-factor` each."
        )

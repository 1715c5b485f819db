"""What administrators do with other people's accounts; each act is in the audit log."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, or_, select

from repository.accounts import rules
from repository.accounts.models import Actor, Role, SecondFactor, User
from repository.accounts.services import find, get
from repository.audit import services as audit
from repository.core.errors import Conflict, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work

LAST = N_("There has to be an administrator: this is the last one.")


def listed(
    work: Work, words: str, role: str, offset: int, limit: int
) -> tuple[Sequence[User], int]:
    """Users whose name or address holds `words`, newest first; and how many there are."""
    conditions = []
    if words:
        holds = (
            column.icontains(words, autoescape=True)
            for column in (User.name, User.email, User.affiliation)
        )
        conditions.append(or_(*holds))
    if role in set(Role):
        conditions.append(User.role == role)
    total = work.session.scalar(select(func.count()).select_from(User).where(*conditions))
    query = select(User).where(*conditions).order_by(User.id.desc())
    return work.session.scalars(query.offset(offset).limit(limit)).all(), total or 0


def counts(work: Work) -> dict[str, int]:
    """How many active users have each role."""
    rows = work.session.execute(
        select(User.role, func.count()).where(User.active).group_by(User.role)
    )
    return {role.value: 0 for role in Role} | dict(rows.tuples().all())


def id_of(work: Work, email: str) -> int:
    """The user with this address; 0, whom nobody is, where there is none."""
    user = find(work, email)
    return user.id if user else 0


def names(work: Work, ids: Iterable[int | None]) -> dict[int, str]:
    """The addresses of users, by their ids."""
    query = select(User.id, User.email).where(User.id.in_({each for each in ids if each}))
    return dict(work.session.execute(query).tuples().all())


def set_role(work: Work, by: Actor, user_id: int, role: str) -> User:
    """Raises ValidationFailed (no such role), Conflict (the last administrator), NotFound."""
    errors: rules.Errors = []
    wanted = rules.role(role, errors)
    if errors:
        raise ValidationFailed(errors=errors)
    user = get(work, user_id)
    if wanted is not Role.ADMIN:
        _keep_an_administrator(work, user)
    if user.role != wanted:
        audit.log(
            work, by.user_id, "user.set-role", "user", str(user_id), before=user.role, role=wanted
        )
    user.role = wanted.value
    return user


def set_active(work: Work, by: Actor, user_id: int, *, active: bool) -> User:
    """Let a person in, or keep them out: sessions and tokens count no more. Their records stay.

    Raises Conflict (the last administrator), NotFound.
    """
    user = get(work, user_id)
    if not active:
        _keep_an_administrator(work, user)
    if user.active != active:
        action = "user.activate" if active else "user.deactivate"
        audit.log(work, by.user_id, action, "user", str(user_id))
    user.active = active
    return user


def with_second_factor(work: Work, ids: Iterable[int]) -> set[int]:
    """Those of the users who sign in with two factors."""
    query = select(SecondFactor.user_id).where(
        SecondFactor.user_id.in_(list(ids)), SecondFactor.confirmed_at.is_not(None)
    )
    return set(work.session.scalars(query))


def _keep_an_administrator(work: Work, user: User) -> None:
    work.lock("administrators")
    others = select(func.count()).where(
        User.role == Role.ADMIN.value, User.active, User.id != user.id
    )
    if user.role == Role.ADMIN and user.active and not work.session.scalar(others):
        raise Conflict(LAST)

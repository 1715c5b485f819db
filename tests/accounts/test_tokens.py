"""API tokens: shown once, good for what and as long as was said. On both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from repository.accounts import services, tokens
from repository.accounts.models import ApiToken, Scope, User
from repository.core.clock import FixedClock
from repository.core.errors import NotFound, ValidationFailed
from repository.core.runtime import Runtime

DAY = timedelta(days=1)


@pytest.fixture
def user(runtime: Runtime) -> User:
    with runtime.work() as work:
        return services.create_user(
            work, email="lan@example.org", password="correct horse battery", name="Lan"
        )


def make(
    runtime: Runtime, user: User, *scopes: str, days: int | None = None
) -> tuple[ApiToken, str]:
    with runtime.work() as work:
        return tokens.create_token(
            work,
            user,
            name="Máy tính phòng thí nghiệm",
            scopes=scopes or [Scope.READ],
            expires_at=runtime.clock.now() + days * DAY if days else None,
        )


def holder(runtime: Runtime, text: str) -> int | None:
    with runtime.read() as work:
        token = tokens.authenticate_token(work, text)
        return token.user.id if token else None


def test_a_token_is_kept_as_its_hash(runtime: Runtime, user: User) -> None:
    token, text = make(runtime, user, Scope.WRITE, Scope.READ, Scope.WRITE)
    assert token.scopes == [Scope.READ, Scope.WRITE]
    assert holder(runtime, text) == user.id
    with runtime.read() as work:
        kept = work.session.scalars(select(ApiToken)).one()
        assert text not in str(vars(kept))


@pytest.mark.parametrize("text", ["", "rdr_", "rdr_wrong", "\udcff", "x" * 100_000])
def test_what_is_no_token(runtime: Runtime, user: User, text: str) -> None:
    make(runtime, user)
    assert holder(runtime, text) is None


def test_a_token_ends_with_its_time(runtime: Runtime, clock: FixedClock, user: User) -> None:
    _token, text = make(runtime, user, days=30)
    clock.advance(30 * DAY - timedelta(seconds=1))
    assert holder(runtime, text) == user.id
    clock.advance(timedelta(seconds=1))
    assert holder(runtime, text) is None


def test_a_token_ends_when_it_is_revoked(runtime: Runtime, user: User) -> None:
    token, text = make(runtime, user)
    with runtime.work() as work, pytest.raises(NotFound):
        tokens.revoke_token(work, user.id + 1, token.id)
    assert holder(runtime, text) == user.id
    with runtime.work() as work:
        tokens.revoke_token(work, user.id, token.id)
    assert holder(runtime, text) is None


def test_a_token_ends_with_its_user(runtime: Runtime, user: User) -> None:
    _token, text = make(runtime, user)
    with runtime.work() as work:
        services.get(work, user.id).active = False
    assert holder(runtime, text) is None


def test_wrong_values(runtime: Runtime, user: User) -> None:
    with runtime.work() as work, pytest.raises(ValidationFailed) as raised:
        tokens.create_token(work, user, name="", scopes=["deposit:write", "everything"])
    assert [wrong.pointer for wrong in raised.value.errors] == ["/name", "/scopes"]


def test_there_is_a_last_token(
    runtime: Runtime, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MAX_TOKENS", 2)
    make(runtime, user)
    make(runtime, user)
    with pytest.raises(ValidationFailed):
        make(runtime, user)


def test_use_is_noted_now_and_then(runtime: Runtime, clock: FixedClock, user: User) -> None:
    token, _text = make(runtime, user)
    assert tokens.use_is_stale(token, clock.now())
    with runtime.work() as work:
        tokens.note_use(work, token.id)
    with runtime.read() as work:
        [token] = tokens.list_tokens(work, user.id)
    assert token.last_used_at == clock.now()
    assert not tokens.use_is_stale(token, clock.now() + timedelta(minutes=59))
    assert tokens.use_is_stale(token, clock.now() + timedelta(minutes=61))

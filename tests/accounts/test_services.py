"""Accounts: what they hold, and what becomes of wrong values. On both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from repository.accounts import passwords, services
from repository.accounts.models import Role, User
from repository.audit.models import AuditEvent
from repository.core.errors import Forbidden, NotFound, ValidationFailed
from repository.core.runtime import Runtime

PASSWORD = "correct horse battery staple"


def make(
    runtime: Runtime,
    email: str = "lan@example.org",
    password: str = PASSWORD,
    name: str = "Nguyễn Thị Lan",
    role: str = "researcher",
) -> User:
    with runtime.work() as work:
        return services.create_user(work, email=email, password=password, name=name, role=role)


def audited(runtime: Runtime) -> list[tuple[int | None, str]]:
    with runtime.read() as work:
        events = work.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        return [(event.user_id, event.action) for event in events]


def pointers(raised: pytest.ExceptionInfo[ValidationFailed]) -> list[str]:
    return [wrong.pointer for wrong in raised.value.errors]


def test_an_account(runtime: Runtime) -> None:
    user = make(runtime, email=" Lan@Example.ORG ", name=" Nguyễn  Thị Lan ", role="curator")
    assert (user.email, user.name, user.role) == ("lan@example.org", "Nguyễn Thị Lan", "curator")
    assert PASSWORD not in user.password_hash
    assert user.password_hash.startswith("$argon2id$")
    assert user.created_at == runtime.clock.now()
    assert audited(runtime) == [(user.id, "user.create")]


def test_everything_that_is_wrong_is_told_at_once(runtime: Runtime) -> None:
    with pytest.raises(ValidationFailed) as raised:
        make(runtime, email="lan", password="short", name=" ", role="king")
    assert pointers(raised) == ["/email", "/password", "/name", "/role"]
    assert audited(runtime) == []


@pytest.mark.parametrize(
    "password", ["ninechars", "lan.nguyen@example.org", "aaaaaaaaaaaa", "x" * 1001, "LAN.NGUYEN"]
)
def test_passwords_that_are_no_protection(runtime: Runtime, password: str) -> None:
    with pytest.raises(ValidationFailed) as raised:
        make(runtime, email="lan.nguyen@example.org", password=password)
    assert pointers(raised) == ["/password"]


def test_any_other_password_will_do(runtime: Runtime) -> None:
    user = make(runtime, password="mật khẩu dài và dễ nhớ 🌾")
    assert passwords.verify_password(user.password_hash, "mật khẩu dài và dễ nhớ 🌾")


def test_one_address_has_one_account(runtime: Runtime) -> None:
    make(runtime)
    with pytest.raises(ValidationFailed) as raised:
        make(runtime, email="LAN@example.org")
    assert pointers(raised) == ["/email"]


def test_who_may_sign_in(runtime: Runtime) -> None:
    user = make(runtime)
    with runtime.read() as work:
        found = services.authenticate(work, "LAN@example.org ", PASSWORD)
        assert found is not None
        assert found.id == user.id
        assert services.authenticate(work, "lan@example.org", PASSWORD + " ") is None
        assert services.authenticate(work, "nobody@example.org", PASSWORD) is None
    with runtime.work() as work:
        services.get(work, user.id).active = False
    with runtime.read() as work:
        assert services.authenticate(work, "lan@example.org", PASSWORD) is None


def test_sign_ins_are_remembered(runtime: Runtime) -> None:
    user = make(runtime)
    with runtime.work() as work:
        services.note_refused_sign_in(work, "lan@example.org")
        services.note_refused_sign_in(work, "my secret password, in the wrong field")
        signed_in = services.note_sign_in(work, user.id)
        assert signed_in.last_sign_in_at == runtime.clock.now()
    assert audited(runtime)[1:] == [(None, "user.sign-in-refused"), (user.id, "user.sign-in")]


def test_a_weak_hash_is_made_anew_at_sign_in(runtime: Runtime) -> None:
    from argon2 import PasswordHasher

    user = make(runtime)
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with runtime.work() as work:
        services.get(work, user.id).password_hash = weak
    with runtime.work() as work:
        after = services.renew_hash(work, user.id, PASSWORD).password_hash
    assert after != weak
    assert passwords.verify_password(after, PASSWORD)


def test_a_new_password_ends_sessions(runtime: Runtime) -> None:
    user = make(runtime)
    with runtime.work() as work:
        changed = services.change_password(work, user.id, current=PASSWORD, new="another good one")
    assert changed.session_epoch == user.session_epoch + 1
    assert passwords.verify_password(changed.password_hash, "another good one")


def test_a_new_password_needs_the_present_one(runtime: Runtime) -> None:
    user = make(runtime)
    with pytest.raises(ValidationFailed) as raised, runtime.work() as work:
        services.change_password(work, user.id, current="wrong", new="short")
    assert pointers(raised) == ["/current_password", "/new_password"]


def test_a_profile(runtime: Runtime) -> None:
    user = make(runtime)
    with runtime.work() as work:
        saved = services.update_profile(
            work,
            user.id,
            name="Lan Nguyễn",
            affiliation="Viện Lúa (ví dụ)",
            orcid="https://orcid.org/0000-0002-1825-0097",
            locale="en",
        )
    assert saved.orcid == "0000-0002-1825-0097"
    assert saved.locale == "en"


def test_a_wrong_profile(runtime: Runtime) -> None:
    user = make(runtime)
    with pytest.raises(ValidationFailed) as raised, runtime.work() as work:
        services.update_profile(
            work, user.id, name="", affiliation="x" * 301, orcid="0000-0002-1825-0098", locale="fr"
        )
    assert pointers(raised) == ["/name", "/affiliation", "/orcid", "/locale"]


def test_a_closed_site_takes_no_registrations(runtime: Runtime) -> None:
    closed = runtime.settings.model_copy(update={"registration_open": False})
    with pytest.raises(Forbidden), replace(runtime, settings=closed).work() as work:
        services.register(work, email="lan@example.org", password=PASSWORD, name="Lan")


def test_registering_gives_no_rights(runtime: Runtime) -> None:
    with runtime.work() as work:
        user = services.register(work, email="lan@example.org", password=PASSWORD, name="Lan")
    assert user.role == Role.RESEARCHER


def test_nobody(runtime: Runtime) -> None:
    with runtime.read() as work, pytest.raises(NotFound):
        services.get(work, 4711)


def test_a_hash_that_cannot_be_read_is_never_right() -> None:
    assert not passwords.verify_password("plain text", "plain text")

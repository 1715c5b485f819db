from repository.accounts.models import Role
from repository.accounts.rules import password
from repository.core.errors import FieldError
from repository.sample.records import sample_records
from repository.sample.users import DEMO_USERS


def test_one_of_each_role() -> None:
    assert [user.role for user in DEMO_USERS] == [Role.ADMIN, Role.CURATOR, Role.RESEARCHER]
    assert all(user.email.endswith("@example.org") for user in DEMO_USERS)


def test_their_passwords_would_be_taken_from_anyone_and_are_not_shown() -> None:
    errors: list[FieldError] = []
    for user in DEMO_USERS:
        password(user.password, user.email, errors)
        assert user.password not in repr(user)
    assert not errors


def test_every_sample_record_has_its_owner() -> None:
    assert {record.owner for record in sample_records()} <= {user.role for user in DEMO_USERS}

import importlib.util

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY

from repository.accounts import passwords


def test_the_cost_is_what_rfc_9106_recommends() -> None:
    spec = importlib.util.find_spec("repository.accounts.passwords")
    assert spec is not None
    assert spec.loader is not None
    as_served = importlib.util.module_from_spec(spec)  # tests make their users at a lower cost
    spec.loader.exec_module(as_served)
    made = extract_parameters(as_served.hash_password("a long sentence"))
    assert made == RFC_9106_LOW_MEMORY


@pytest.mark.parametrize("kept", ["", "plain text", "$argon2id$v=19$broken"])
def test_what_is_no_hash_is_never_right(kept: str) -> None:
    assert not passwords.verify_password(kept, kept)


def test_a_weaker_hash_of_earlier_days_is_still_right() -> None:
    weak = PasswordHasher.from_parameters(CHEAPEST).hash("a long sentence")
    assert passwords.verify_password(weak, "a long sentence")
    assert not passwords.verify_password(weak, "another sentence")

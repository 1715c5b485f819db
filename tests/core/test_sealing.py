import pytest
from pydantic import SecretStr

from repository.core.errors import RepositoryError
from repository.core.sealing import seal, unseal

SECRET = SecretStr("a secret that is only for tests, forty chars")


def test_what_was_sealed_comes_back_and_never_looks_the_same() -> None:
    one, other = (seal(SECRET, "purpose", "mật khẩu") for _ in range(2))
    assert one != other
    assert "mật khẩu".encode() not in one
    assert unseal(SECRET, "purpose", one) == "mật khẩu"


def test_another_secret_purpose_or_byte_opens_nothing() -> None:
    sealed = seal(SECRET, "purpose", "password")
    for secret, purpose, told in (
        (SecretStr("another secret"), "purpose", sealed),
        (SECRET, "another purpose", sealed),
        (SECRET, "purpose", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (SECRET, "purpose", b""),
    ):
        with pytest.raises(RepositoryError, match="REPOSITORY_SECRET_KEY"):
            unseal(secret, purpose, told)

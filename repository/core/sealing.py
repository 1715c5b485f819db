"""Sealing small secrets that have to be read again, such as a registry's password."""

from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF
from Crypto.Random import get_random_bytes
from pydantic import SecretStr

from repository.core.errors import RepositoryError
from repository.core.messages import N_

_NONCE, _TAG = 12, 16


def key_for(secret: SecretStr, purpose: str) -> bytes:
    """A key of its own for each purpose (RFC 5869), so that none opens what another sealed."""
    key: bytes = HKDF(secret.get_secret_value().encode(), 32, b"", SHA256, context=purpose.encode())
    return key


def seal(secret: SecretStr, purpose: str, text: str) -> bytes:
    """`text` under AES-256-GCM: nonce, tag, ciphertext. Bound to `purpose`."""
    nonce = get_random_bytes(_NONCE)
    cipher = AES.new(key_for(secret, purpose), AES.MODE_GCM, nonce=nonce)
    sealed, tag = cipher.encrypt_and_digest(text.encode())
    return nonce + tag + sealed


def unseal(secret: SecretStr, purpose: str, sealed: bytes) -> str:
    """Raises RepositoryError when it was sealed with another secret, or tampered with."""
    nonce, tag, body = sealed[:_NONCE], sealed[_NONCE : _NONCE + _TAG], sealed[_NONCE + _TAG :]
    try:
        cipher = AES.new(key_for(secret, purpose), AES.MODE_GCM, nonce=nonce)
        return cipher.decrypt_and_verify(body, tag).decode()
    except ValueError as error:
        message = N_("A stored password cannot be opened: REPOSITORY_SECRET_KEY has changed.")
        raise RepositoryError(message) from error

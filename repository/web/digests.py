"""Digests that come with a body: `Repr-Digest` and `Content-Digest` (RFC 9530), `Content-MD5`."""

import binascii
from base64 import b64decode
from dataclasses import dataclass

from flask import request
from werkzeug.http import parse_dict_header

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_

FIELDS = ("Repr-Digest", "Content-Digest")


@dataclass(frozen=True)
class Announced:
    """What the client says of its body: lowercase hex, or None where it says nothing."""

    sha256: str | None = None
    md5: str | None = None


def announced() -> Announced:
    """Digests of other algorithms are let be, as RFC 9530 says. Raises ValidationFailed for one
    that is not a digest, and for two that differ.
    """
    found = {_sha256(name) for name in FIELDS} - {None}
    if len(found) > 1:
        raise ValidationFailed(
            errors=[FieldError("/Repr-Digest", N_("The digests announced differ."))]
        )
    md5 = request.headers.get("Content-MD5")
    return Announced(
        sha256=found.pop() if found else None,
        md5=None if md5 is None else _hex("Content-MD5", md5, 16),
    )


def _sha256(name: str) -> str | None:
    value = parse_dict_header(request.headers.get(name, "")).get("sha-256")
    return None if value is None else _hex(name, value.strip().strip(":"), 32)


def _hex(name: str, text: str, length: int) -> str:
    try:
        digest = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != length:
        message = N_("Send a digest in base64, such as sha-256=:…: in Repr-Digest.")
        raise ValidationFailed(errors=[FieldError(f"/{name}", message)])
    return digest.hex()

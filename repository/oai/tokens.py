"""Resumption tokens: all that a list's next page needs, signed, and nothing kept on the server.

They are read by the package's own schema (which checks the signature and the arguments inside)
and written here, with a timestamp that stands still: the same page then has the same token, so
that caches in between may keep it, and no token ever expires.
"""

from collections.abc import Mapping
from typing import Any

from itsdangerous import TimestampSigner, URLSafeTimedSerializer


class _Timeless(TimestampSigner):
    def get_timestamp(self) -> int:
        return 0


def write(secret_key: str, verb: str, arguments: Mapping[str, str], state: list[Any]) -> str:
    """A token for the verb's list with these arguments, continuing from `state`."""
    serializer = URLSafeTimedSerializer(secret_key, salt=verb, signer=_Timeless)
    token: str = serializer.dumps({"kwargs": dict(arguments), "state": state})
    return token

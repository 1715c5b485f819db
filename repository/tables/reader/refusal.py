"""Why a table is not opened, as a word that the process that asked puts into a sentence."""

from typing import Any


class Refused(Exception):
    """`code` is a key of `repository.tables.refusals.MESSAGES`; `params` fill its places."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

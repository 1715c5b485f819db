"""The lists of the program are there without anybody's asking."""

from datetime import timedelta
from typing import Any

from repository.core.jobs import handler
from repository.core.runtime import Runtime
from repository.vocabularies.builtin import load_builtin


@handler("vocabularies.load", every=timedelta(days=1))
def load_lists(runtime: Runtime, _payload: dict[str, Any]) -> None:
    load_builtin(runtime)

"""The lists of the program are there without anybody's asking."""

from datetime import timedelta
from typing import Any

from repository.core.jobs import Lane, handler
from repository.core.runtime import Runtime
from repository.vocabularies import staging
from repository.vocabularies.builtin import load_builtin


@handler("vocabularies.load", every=timedelta(days=1))
def load_lists(runtime: Runtime, _payload: dict[str, Any]) -> None:
    load_builtin(runtime)


@handler(staging.LOOK, lane=Lane.FILES)
def look(runtime: Runtime, payload: dict[str, Any]) -> None:
    staging.look(runtime, payload["import"])


@handler(staging.BRING_IN, lane=Lane.FILES)
def bring_in(runtime: Runtime, payload: dict[str, Any]) -> None:
    staging.bring_in(runtime, payload["import"])

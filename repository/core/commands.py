"""What capabilities need to offer commands; `repository.cli` puts them together."""

import functools
from collections.abc import Callable
from typing import Any

import click

from repository.core.runtime import Runtime


def with_runtime(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command, as its first argument, the repository opened and up to date.

    The command line's root keeps in the context how to open it; a test puts its own there.
    """

    @functools.wraps(function)
    def opened(open_runtime: Callable[[], Runtime], *args: Any, **kwargs: Any) -> None:
        runtime = open_runtime()
        try:
            function(runtime, *args, **kwargs)
        finally:
            runtime.close()

    return click.pass_obj(opened)

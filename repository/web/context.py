"""The running repository as a request sees it, and the request's unit of work."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

from flask import Flask, current_app, g

from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.core.work import Work

EXTENSION = "repository"


def runtime() -> Runtime:
    """The parts the application was made with."""
    return cast("Runtime", current_app.extensions[EXTENSION])


def reading() -> Work:
    """The request's one read snapshot, of one moment: opened at first need, closed when the
    request is over.
    """
    if "reading" not in g:
        g.reading_stack = ExitStack()
        work = g.reading_stack.enter_context(runtime().read())
        work.clock = FixedClock(work.clock.now())
        g.reading = work
    return cast("Work", g.reading)


@contextmanager
def writing() -> Iterator[Work]:
    """A transaction: committed at the end of the block, rolled back when it raises.

    What was read before is read anew afterwards, so that a page shows what was just written.
    """
    with runtime().work() as work:
        yield work
    if "reading" in g:
        g.reading.session.rollback()


def init_app(app: Flask, parts: Runtime) -> None:
    app.extensions[EXTENSION] = parts

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        g.pop("reading", None)
        stack: ExitStack | None = g.pop("reading_stack", None)
        if stack is not None:
            stack.close()

"""How far a command is, in bytes, on the terminal's error stream."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from sqlalchemy import func, select

from repository.core.runtime import Runtime
from repository.records.models import Content


@contextmanager
def progress_of(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar for as long as the block; call what it gives with each number of bytes done."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(doing, total=total)
        yield lambda size: progress.advance(task, size)


def total_bytes(runtime: Runtime) -> int:
    with runtime.read() as work:
        return int(work.session.scalar(select(func.sum(Content.size))) or 0)

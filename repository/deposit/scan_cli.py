"""`repository scan`: what the malware scanner found, and taking it back."""

import click

from repository.core.commands import with_runtime
from repository.core.runtime import Runtime
from repository.deposit import scanning


@click.group()
def scan() -> None:
    """Files in which malware was found."""


@scan.command("list")
@with_runtime
def list_found(runtime: Runtime) -> None:
    """Each file that is kept from everyone, and what was found in it."""
    with runtime.read() as work:
        for sha256, malware, version_id, path in scanning.quarantined(work):
            click.echo(f"{sha256} {malware} {version_id} {path}")


@scan.command("release")
@click.argument("sha256")
@with_runtime
def release(runtime: Runtime, sha256: str) -> None:
    """Say that these bytes are harmless: their files are as before."""
    with runtime.work() as work:
        count = scanning.release(work, sha256)
    click.echo(f"{count} files released")

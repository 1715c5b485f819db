"""Composition root of the command line: `repository COMMAND`."""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import click

from repository import __version__, start
from repository.core.capabilities import import_each
from repository.core.commands import with_runtime
from repository.core.errors import RepositoryError
from repository.core.jobs import Lane
from repository.core.runtime import Runtime

CAPABILITY_OF: Mapping[str, str] = {
    "audit": "audit",
    "backup": "preservation",
    "export": "discovery",
    "fixity": "preservation",
    "hand-over": "deposit",
    "harvest": "harvest",
    "import": "deposit",
    "mail": "accounts",
    "oai": "oai",
    "pid": "pid",
    "quota": "records",
    "reindex": "discovery",
    "scan": "deposit",
    "store": "preservation",
    "token": "accounts",
    "user": "accounts",
    "vocabulary": "vocabularies",
}


class Commands(click.Group):
    """Those here, and those that capabilities offer in their `cli`, of which only the one that is
    asked for is imported: all of them together need a second.

    What a person can act upon is one line on stderr and exit code 1, not a traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *CAPABILITY_OF])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in CAPABILITY_OF:
            return super().get_command(ctx, cmd_name)
        offered = import_module(f"repository.{CAPABILITY_OF[cmd_name]}.cli").commands
        return next((command for command in offered if command.name == cmd_name), None)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (start.CannotStart, RepositoryError) as error:
            click.echo(f"repository: {error}", err=True)
            for wrong in getattr(error, "errors", ()):
                click.echo(f"  {wrong.pointer}: {wrong.message % dict(wrong.params)}", err=True)
            sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.pass_context
def main(ctx: click.Context) -> None:
    """A research data repository. Settings come from REPOSITORY_* in the environment."""
    ctx.obj = ctx.obj or _open_runtime


def _open_runtime() -> Runtime:
    return start.prepare(start.read_settings())


def _address(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--host", default="127.0.0.1", show_default=True),
        click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535)),
    ):
        function = option(function)
    return function


@main.command()
@_address
def serve(host: str, port: int) -> None:
    """Serve the repository, with the job runner beside it unless a broker is set."""
    from repository import supervisor

    settings = start.read_settings()
    start.check_port(host, port)
    runtime = start.prepare(settings)
    start.refuse_demo_secrets(settings, runtime.database)
    runtime.close()
    click.echo(f"Listening on http://{host}:{port} for {settings.base_url}")
    supervisor.serve(settings, host, port)


@main.command()
@_address
def demo(host: str, port: int) -> None:
    """Serve sample data, on this machine only, with logins that are printed."""
    from repository import supervisor
    from repository.sample.load import load_samples
    from repository.sample.users import DEMO_USERS

    if host not in ("127.0.0.1", "localhost", "::1"):
        raise start.CannotStart("A demo listens on 127.0.0.1 only: its passwords are public.")
    settings = start.read_settings()
    if "base_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"base_url": f"http://{host}:{port}"})
    if not settings.security_contact:
        settings = settings.model_copy(update={"security_contact": settings.admin_email})
    start.check_port(host, port)
    runtime = start.prepare(settings)
    count = load_samples(runtime, progress=lambda text: click.echo(text, err=True))
    runtime.close()
    click.echo(f"{count} sample records. Open http://{host}:{port}")
    for user in DEMO_USERS:
        click.echo(f"  {user.role:<11} {user.email:<26} {user.password}")
    click.echo("Ctrl-C ends it.")
    supervisor.serve(settings, host, port)


@main.command()
@click.option(
    "--lane", "lanes", multiple=True, type=click.Choice(list(Lane)), help="[default: all]"
)
def worker(lanes: tuple[str, ...]) -> None:
    """Run jobs: through Celery where REPOSITORY_BROKER_URL is set, else from the outbox."""
    from repository import worker as jobs_worker

    jobs_worker.run_worker(_open_runtime(), [Lane(lane) for lane in lanes] or list(Lane))


@main.command()
def upgrade() -> None:
    """Bring the database to the schema of this release."""
    _open_runtime().close()
    click.echo("The database is up to date.")


@main.command()
@with_runtime
def doctor(runtime: Runtime) -> None:
    """Say what is wrong, one line each; exit code 1 when anything is."""
    found = 0
    for module in import_each("doctor"):
        try:
            for line in module.problems(runtime):
                found += 1
                click.echo(line)
        except RepositoryError as error:  # what one cannot look at keeps no other from looking
            found += 1
            click.echo(f"{module.__name__}: {error}")
    if found:
        sys.exit(1)
    click.echo("Everything is as it should be.")


@main.command()
@click.option(
    "--from", "source", required=True, help="The folder of backups, or s3:https://host/bucket."
)
@click.option(
    "--at",
    type=click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")),
    help="The newest backup not after this moment (UTC); without it, the newest.",
)
def restore(source: str, at: datetime | None) -> None:
    """Bring a backup back, into an empty REPOSITORY_DATA_DIR, and compare all of it."""
    from repository.preservation.places import target_at
    from repository.preservation.restore import restore as bring_back

    settings = start.read_settings()
    target = target_at(settings, source)
    done = bring_back(target, settings, at=at.replace(tzinfo=UTC) if at else None)
    click.echo(
        f"{done.contents} contents, {done.bytes} bytes, {done.rows} rows in {done.tables} tables "
        f"are equal to the backup; {done.lost} contents were lost before it"
    )
    click.echo(done.manifest.id)


if __name__ == "__main__":
    main()

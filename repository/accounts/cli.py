"""Commands for accounts. What was made is printed alone on the last line, for scripts."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import click

from repository.accounts import services, tokens
from repository.accounts.mail_cli import mail
from repository.accounts.models import Role, Scope
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime

OpenRuntime = Callable[[], Runtime]
NO_USER = N_("There is no such user; make one with: repository user create")


@click.group()
def user() -> None:
    """Accounts of people."""


@user.command("create")
@click.option("--email", required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.RESEARCHER.value,
    show_default=True,
)
@click.option("--name", default="", help="The person's name; else the part before the @.")
@click.pass_obj
def create_user(open_runtime: OpenRuntime, email: str, password: str, role: str, name: str) -> None:
    """Make an account and print its e-mail address."""
    name = name or email.partition("@")[0]
    with closing(open_runtime()) as runtime, runtime.work() as work:
        made = services.create_user(work, email=email, password=password, role=role, name=name)
    click.echo(made.email)


@click.group()
def token() -> None:
    """Personal API tokens."""


@token.command("create")
@click.option("--email", required=True, help="Whose token it will be.")
@click.option(
    "--scopes",
    default=",".join(Scope),
    show_default=True,
    help="What it may do, separated by commas or spaces.",
)
@click.option("--name", default="command line", show_default=True)
@click.option("--days", type=click.IntRange(1), help="How long it is good for; without it, always.")
@click.pass_obj
def create_token(
    open_runtime: OpenRuntime, email: str, scopes: str, name: str, days: int | None
) -> None:
    """Make a token and print it; it cannot be shown again."""
    with closing(open_runtime()) as runtime, runtime.work() as work:
        owner = services.find(work, email)
        if owner is None:
            raise NotFound(NO_USER)
        _made, text = tokens.create_token(
            work,
            owner,
            name=name,
            scopes=scopes.replace(",", " ").split(),
            expires_at=work.clock.now() + timedelta(days=days) if days else None,
        )
    click.echo(text)


commands = (user, token, mail)

"""Commands for accounts. What was made is printed alone on the last line, for scripts."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import click

from repository.accounts import administration, factors, services, tokens, verification
from repository.accounts.mail_cli import mail
from repository.accounts.models import Actor, Role, Scope, User
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work

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


@user.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.pass_obj
def set_role(open_runtime: OpenRuntime, email: str, role: str) -> None:
    """Give a person another role."""
    with closing(open_runtime()) as runtime, runtime.work() as work:
        administration.set_role(work, Actor(), _known(work, email).id, role)
    click.echo(f"{email}: {role}")


@user.command("deactivate")
@click.argument("email")
@click.option("--undo", is_flag=True, help="Let the person in again.")
@click.pass_obj
def deactivate(open_runtime: OpenRuntime, email: str, undo: bool) -> None:
    """Keep a person out: sessions and tokens count no more, what was published stays."""
    with closing(open_runtime()) as runtime, runtime.work() as work:
        administration.set_active(work, Actor(), _known(work, email).id, active=undo)
    click.echo(f"{email}: {'active' if undo else 'deactivated'}")


@user.command("verify")
@click.argument("email")
@click.pass_obj
def verify(open_runtime: OpenRuntime, email: str) -> None:
    """Say that this address is the person's, where no mail can be sent to ask them."""
    with closing(open_runtime()) as runtime, runtime.work() as work:
        verification.vouch(work, None, _known(work, email).id)
    click.echo(f"{email}: confirmed")


@user.command("take-second-factor")
@click.argument("email")
@click.pass_obj
def take_second_factor(open_runtime: OpenRuntime, email: str) -> None:
    """For somebody who has lost both telephone and recovery codes."""
    with closing(open_runtime()) as runtime, runtime.work() as work:
        factors.take_away(work, None, _known(work, email).id)
    click.echo(f"{email}: signs in with the password alone")


def _known(work: Work, email: str) -> User:
    found = services.find(work, email)
    if found is None:
        raise NotFound(NO_USER)
    return found


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
        owner = _known(work, email)
        _made, text = tokens.create_token(
            work,
            owner,
            name=name,
            scopes=scopes.replace(",", " ").split(),
            expires_at=work.clock.now() + timedelta(days=days) if days else None,
        )
    click.echo(text)


commands = (user, token, mail)

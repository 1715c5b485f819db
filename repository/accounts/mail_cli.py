"""`repository mail`: what waits, was sent or refused; and a message to try the settings with."""

import smtplib
from datetime import UTC
from email.message import EmailMessage

import click
from sqlalchemy import select

from repository.core.commands import with_runtime
from repository.core.mail import Mail, MailState, connected, text_of
from repository.core.runtime import Runtime


@click.group()
def mail() -> None:
    """Messages to people."""


@mail.command("list")
@click.option("--state", type=click.Choice([state.value for state in MailState]))
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@with_runtime
def list_mail(runtime: Runtime, state: str | None, limit: int) -> None:
    """The newest messages: number, time (UTC), state, address, subject, what the server said."""
    query = select(Mail).order_by(Mail.id.desc()).limit(limit)
    with runtime.read() as work:
        for each in work.session.scalars(query.where(Mail.state == state) if state else query):
            when = each.created_at.astimezone(UTC).isoformat(timespec="minutes")
            told = (str(each.id), when, each.state, each.to_address, each.subject, each.error)
            click.echo("\t".join(filter(None, told)))


@mail.command("show")
@click.argument("number", type=int)
@with_runtime
def show_mail(runtime: Runtime, number: int) -> None:
    """A message that waits, to hand it on by other means. Its links are secret."""
    with runtime.read() as work:
        found = work.session.get(Mail, number)
        if found is None:
            raise click.ClickException("There is no such message.")
        click.echo(f"To: {found.to_address}\nSubject: {found.subject}\n")
        click.echo(text_of(runtime.settings, found) or "(sent or refused; its text is not kept)")


@mail.command("test")
@click.option("--to", "address", required=True)
@with_runtime
def try_mail(runtime: Runtime, address: str) -> None:
    """Send a message now, and say what the server answers."""
    settings = runtime.settings
    if not settings.smtp_host:
        raise click.ClickException("Set REPOSITORY_SMTP_HOST first.")
    message = EmailMessage()
    message["From"] = settings.smtp_from or settings.admin_email
    message["To"], message["Subject"] = address, f"[{settings.site_name_en}] test"
    message.set_content("The mail settings of the repository work.\n")
    try:
        with connected(settings) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise click.ClickException(f"{settings.smtp_host}: {error}") from error
    click.echo(f"{settings.smtp_host} took it for {address}")

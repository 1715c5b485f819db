"""Commands for identifiers."""

import sys
import time

import click

from repository.core.commands import with_runtime
from repository.core.runtime import Runtime
from repository.pid import accounts, doctor, services
from repository.pid.audit import check_next, count_to_check
from repository.pid.providers.base import RegistryError
from repository.pid.providers.registry import open_provider
from repository.pid.sync import Wait


@click.group()
def pid() -> None:
    """DOIs and the registries that keep them."""


@pid.command()
@click.option("--repair", is_flag=True, help="Have what differs sent again.")
@click.option("--limit", type=click.IntRange(1), help="Compare at most so many.")
@with_runtime
def audit(runtime: Runtime, repair: bool, limit: int | None) -> None:
    """Compare each identifier with its registry: state, address, metadata.

    Exit code 1 when something differs (also when it is repaired), 2 when a registry fails.
    """
    with runtime.read() as work:
        through = [accounts.account_for(work, prefix) for prefix in accounts.all_prefixes(work)]
        started = work.clock.now()
    checked = differing = 0
    for account in through:
        provider = open_provider(account)
        if not provider.remote:
            click.echo(f"{account.prefix}: resolved by this site, nothing to compare")
            continue
        with runtime.read() as work:
            total = count_to_check(work, account.prefix, started)
        while limit is None or checked < limit:
            try:
                outcome = check_next(runtime, account, provider, started, repair=repair)
            except RegistryError as error:
                click.echo(f"{account.prefix}: {error}", err=True)
                sys.exit(2)
            if outcome is None:
                break
            if isinstance(outcome, Wait):
                click.echo(f"waiting {outcome.seconds:.0f} s: {outcome.reason}", err=True)
                time.sleep(outcome.seconds)
                continue
            checked += 1
            differing += bool(outcome.differences)
            for found in outcome.differences:
                click.echo(
                    f"{outcome.doi} {found['field']}: "
                    f"expected {found['expected']}, found {found['found']}"
                )
            if checked % 100 == 0:
                click.echo(f"{checked} of {total}", err=True)
    done = " and will be sent again" if repair and differing else ""
    click.echo(f"{checked} compared, {differing} differ{done}")
    sys.exit(1 if differing else 0)


@pid.command()
@with_runtime
def check(runtime: Runtime) -> None:
    """Try the registries' addresses and credentials; exit code 1 when something is wrong."""
    found = list(doctor.problems(runtime))
    for line in found:
        click.echo(line, err=True)
    if found:
        sys.exit(1)
    click.echo("Identifiers: everything is as it should be.")


@pid.command()
@click.argument("doi")
@with_runtime
def adopt(runtime: Runtime, doi: str) -> None:
    """Register from now on, through its prefix's account, a DOI that a record came with.

    For those that move here from another system with their prefix.
    """
    with runtime.work() as work:
        services.adopt(work, doi)
    click.echo(doi)


@pid.group()
def account() -> None:
    """Prefixes and credentials of institutions."""


@account.command("save")
@click.option("--prefix", required=True)
@click.option("--institution", required=True)
@click.option("--username", required=True)
@click.option("--password", prompt=True, hide_input=True)
@with_runtime
def save_account(
    runtime: Runtime, prefix: str, institution: str, username: str, password: str
) -> None:
    """Keep an institution's DataCite account; the password is stored encrypted."""
    with runtime.work() as work:
        accounts.save_institution(work, prefix, institution, username, password)
    click.echo(prefix)


@account.command("assign")
@click.argument("prefix")
@click.argument("email")
@with_runtime
def assign_account(runtime: Runtime, prefix: str, email: str) -> None:
    """Have the new records of a user registered under an institution's prefix."""
    with runtime.work() as work:
        accounts.assign_depositor(work, prefix, email)
    click.echo(email)


commands = (pid,)

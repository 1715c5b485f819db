"""`repository backup sites`, `repository backup policies`: for who has a shell and no browser."""

import json

import click
from pydantic import SecretStr

from repository.accounts.models import Actor, Role
from repository.core.commands import with_runtime
from repository.core.runtime import Runtime
from repository.preservation import policies as in_force
from repository.preservation import sites as known_sites
from repository.preservation.rules import LISTS, SWITCHES, Terms, parse_terms
from repository.preservation.sites import Site

OPERATOR = Actor(user_id=None, role=Role.ADMIN)
YES = ("1", "yes", "true", "on")


@click.group()
def sites() -> None:
    """Where backups go, beside REPOSITORY_BACKUP_TARGET."""


@sites.command("list")
@with_runtime
def list_sites(runtime: Runtime) -> None:
    """Name, address, access key, whether it is encrypted, country. Secrets are not shown."""
    with runtime.read() as work:
        for site in known_sites.sites(work):
            told = "encrypted" if site.encrypted else "plain"
            line = (site.name, site.address, site.access_key, told, site.country)
            click.echo("\t".join(line).rstrip())


@sites.command("save")
@click.argument("name")
@click.argument("address")
@click.option("--region", default="us-east-1", show_default=True)
@click.option("--access-key", default="")
@click.option("--encrypted", is_flag=True, help="To the key of REPOSITORY_BACKUP_IDENTITY.")
@click.option("--country", default="", help="Where it stands, such as VN: no core data go abroad.")
@click.option("--secret-key", envvar="SITE_SECRET_KEY", default="", help="Or in SITE_SECRET_KEY.")
@with_runtime
def save_site(
    runtime: Runtime,
    name: str,
    address: str,
    region: str,
    access_key: str,
    encrypted: bool,
    country: str,
    secret_key: str,
) -> None:
    """A folder, or s3:https://host/bucket/prefix. An empty secret leaves an earlier one."""
    site = Site(name, address, region, access_key, SecretStr(secret_key), encrypted, country)
    with runtime.work() as work:
        in_force.save_site(work, OPERATOR, site)


@sites.command("remove")
@click.argument("name")
@with_runtime
def remove_site(runtime: Runtime, name: str) -> None:
    """Forget a site that no policy uses; what lies there stays."""
    with runtime.work() as work:
        known_sites.remove(work, OPERATOR, name, in_force.user_of(work, name))


@click.group()
def policies() -> None:
    """What is kept where, how often and how long, and what is promised."""


@policies.command("show")
@click.argument("name", required=False)
@with_runtime
def show_policies(runtime: Runtime, name: str | None) -> None:
    """All policies in force, or one, as JSON."""
    with runtime.read() as work:
        found = [in_force.current(work, name)] if name else in_force.policies(work)
    told = {policy.label: policy.terms.model_dump(mode="json") for policy in found}
    click.echo(json.dumps(told, ensure_ascii=False, indent=1))


@policies.command("set")
@click.argument("name")
@click.argument("terms", nargs=-1, required=True, metavar="TERM=VALUE...")
@with_runtime
def set_policy(runtime: Runtime, name: str, terms: tuple[str, ...]) -> None:
    """Change terms, such as every_hours=12 sites=default,nas database=no; others stay.

    Prints the new version alone on the last line.
    """
    with runtime.work() as work:
        before = in_force.current(work, name).terms
        given = before.model_dump(mode="json") | dict(map(_parsed, terms))
        click.echo(in_force.revise(work, OPERATOR, parse_terms(given), name).label)


def _parsed(term: str) -> tuple[str, object]:
    name, sign, value = term.partition("=")
    if not sign or name not in Terms.model_fields:
        known = ", ".join(Terms.model_fields)
        raise click.UsageError(f"{term} is no TERM=VALUE; the terms are: {known}")
    if name in LISTS:
        return name, [each.strip() for each in value.split(",") if each.strip()]
    return name, value.lower() in YES if name in SWITCHES else value

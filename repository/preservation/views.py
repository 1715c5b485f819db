"""The operator's pages: what is promised, what was done, what needs attention; policies, sites."""

from typing import Any

from flask import Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from pydantic import SecretStr
from sqlalchemy import select

from repository.accounts.identity import require_actor
from repository.accounts.models import Actor
from repository.core.errors import Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.i18n.locale import language
from repository.preservation import policies, runs, services, sites, store_views, watch
from repository.preservation.blueprint import blueprint
from repository.preservation.exposure import exposure
from repository.preservation.models import BackupPlace, BackupPolicy
from repository.preservation.policies import Policy
from repository.preservation.rules import (
    NUMBERS,
    SWITCHES,
    Terms,
    checked_name,
    limits,
    parse_terms,
)
from repository.preservation.sites import Site
from repository.records.models import Version
from repository.web.context import reading, writing
from repository.web.forms import Form

__all__ = ["init_app", "store_views"]
LABELS = {
    "copies": N_("Copies beside the original"),
    "every_hours": N_("Hours between backups"),
    "keep_daily": N_("Daily backups to keep"),
    "keep_weekly": N_("Weekly backups to keep"),
    "keep_monthly": N_("Monthly backups to keep"),
    "keep_yearly": N_("Yearly backups to keep"),
    "grace_days": N_("Days in which no backup is deleted"),
    "lock_days": N_("Days of the lock"),
    "fixity_days": N_("Days within which each copy is checked"),
    "rpo_hours": N_("Hours of work that a loss may cost at most (RPO)"),
    "rto_hours": N_("Hours that a restore may take at most (RTO)"),
    "drill_days": N_("Days between restores that are tried"),
    "database": N_("The database"),
    "configuration": N_("The settings, without secrets"),
    "audit_log": N_("The audit log as text, beside the one in the database"),
    "sites": N_("Sites"),
    "collections": N_("Collections"),
    "classes": N_("Files"),
    "lock_mode": N_("Lock"),
}
GROUPS = (
    (N_("When"), ("every_hours", "fixity_days", "drill_days")),
    (
        N_("How many are kept"),
        ("keep_daily", "keep_weekly", "keep_monthly", "keep_yearly", "grace_days"),
    ),
    (N_("What is promised"), ("rpo_hours", "rto_hours")),
)


def _administrator() -> Actor:
    actor = require_actor()
    if not actor.is_admin:
        raise Forbidden
    return actor


@blueprint.get("/admin/backups")
def backups() -> str:
    _administrator()
    work = reading()
    wanted = policies.policies(work)
    return render_template(
        "preservation/backups.html",
        labels=LABELS,
        policies=[(policy, policies.sites_of(work, policy)) for policy in wanted],
        exposed={policy.name: exposure(work, policy) for policy in wanted},
        sites=sites.sites(work),
        places=_places(work),
        warnings=[found.text(language()) for found in watch.warnings(work)],
        runs=runs.recent(work),
        bad=services.failures(work),
    )


def _places(work: Work) -> dict[str, list[BackupPlace]]:
    found: dict[str, list[BackupPlace]] = {}
    for place in work.session.scalars(select(BackupPlace).order_by(BackupPlace.seen_at)):
        found.setdefault(place.site, []).append(place)
    return found


@blueprint.get("/admin/backups/policies/<name>")
def policy(name: str) -> str:
    """A policy to be changed; any name that is free begins a new one."""
    _administrator()
    found = policies.current(reading(), checked_name(name))
    terms = found.terms.model_dump()
    values = {key: "1" if value is True else str(value or 0) for key, value in terms.items()}
    values["lock_mode"] = found.terms.lock_mode
    values |= {key: "" for key in SWITCHES if not terms[key]}
    values["collections"] = ", ".join(found.terms.collections)
    chosen = policies.sites_of(reading(), found)
    return _policy_page(
        Form(values), found, [site.name for site in chosen], list(found.terms.classes)
    )


@blueprint.post("/admin/backups/policies/<name>")
def change_policy(name: str) -> ResponseReturnValue:
    actor, form = _administrator(), Form.sent()
    given: dict[str, Any] = {key: form.get(key) for key in (*NUMBERS, "lock_mode")}
    given |= {key: form.get(key) == "1" for key in SWITCHES}
    given |= {key: form.chosen(key) for key in ("sites", "classes")}
    slugs = form.get("collections").replace(",", " ").split()
    try:
        with writing() as work:
            terms = parse_terms(given | {"collections": slugs})
            revised = policies.revise(work, actor, terms, name)
    except ValidationFailed as error:
        form.fail(error)
        found = policies.current(reading(), name)
        page = _policy_page(form, found, form.chosen("sites"), form.chosen("classes"))
        return page, error.status
    flash(_("%(policy)s is in force from now on.", policy=revised.label))
    return redirect(url_for("preservation.backups"))


def _policy_page(form: Form, found: Policy, chosen: list[str], classes: list[str]) -> str:
    work = reading()
    return render_template(
        "preservation/policy.html",
        form=form,
        labels=LABELS,
        groups=GROUPS,
        limits={name: limits(name) for name in NUMBERS},
        switches=SWITCHES,
        policy=found,
        chosen=chosen,
        classes=classes,
        sites=sites.sites(work),
        versions=[
            (row, _said(work, found.name, row)) for row in policies.versions(work, found.name)
        ],
    )


def _said(work: Work, name: str, row: BackupPolicy) -> Terms:
    """Without sites of its own the default policy keeps copies at the settings' site."""
    terms = Terms.model_validate(row.terms)
    kept = policies.sites_of(work, Policy(name, row.version, terms))
    return terms if terms.sites else terms.model_copy(update={"sites": [s.name for s in kept]})


@blueprint.post("/admin/backups/policies")
def new_policy() -> ResponseReturnValue:
    _administrator()
    name = Form.sent().get("name")
    try:
        checked_name(name)
    except ValidationFailed as error:
        flash(_(error.errors[0].message))
        return redirect(url_for("preservation.backups"))
    return redirect(url_for("preservation.policy", name=name))


@blueprint.get("/admin/backups/sites")
def new_site() -> str:
    _administrator()
    return _site_page(Form({"region": "us-east-1"}), known=False)


@blueprint.get("/admin/backups/sites/<name>")
def site(name: str) -> str:
    _administrator()
    found = sites.find(reading(), name)
    if name == sites.DEFAULT:
        raise NotFound
    return _site_page(
        Form(
            {
                "name": found.name,
                "address": found.address,
                "region": found.region,
                "access_key": found.access_key,
                "encrypted": "1" if found.encrypted else "",
                "country": found.country,
            }
        ),
        known=True,
    )


@blueprint.post("/admin/backups/sites")
def save_site() -> ResponseReturnValue:
    actor, form = _administrator(), Form.sent()
    try:
        with writing() as work:
            given = Site(
                form.get("name"),
                form.get("address"),
                form.get("region"),
                form.get("access_key"),
                SecretStr(form.get("password")),
                form.get("encrypted") == "1",
                form.get("country").upper(),
            )
            policies.save_site(work, actor, given)
    except ValidationFailed as error:
        form.fail(error)
        return _site_page(form, known=bool(request.args.get("known"))), error.status
    flash(_("The site %(name)s was saved.", name=given.name))
    return redirect(url_for("preservation.backups"))


@blueprint.post("/admin/backups/sites/<name>/remove")
def remove_site(name: str) -> ResponseReturnValue:
    actor = _administrator()
    with writing() as work:
        sites.remove(work, actor, name, policies.user_of(work, name))
    flash(_("The site %(name)s was removed. What lies there stays.", name=name))
    return redirect(url_for("preservation.backups"))


def _site_page(form: Form, *, known: bool) -> str:
    return render_template("preservation/site.html", form=form, known=known)


def fixity_line(version: Version) -> Markup:
    """What the record page says of the last check of its files."""
    found = services.last_fixity(reading(), version)
    html = render_template("preservation/fixity.html", fixity=found)
    return Markup(html)  # noqa: S704 - Jinja escaped it


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals["fixity_line"] = fixity_line

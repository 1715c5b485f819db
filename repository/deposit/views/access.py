"""Who else has access to a record: given and taken back by those who manage it."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.access import grants, links
from repository.access.models import REVIEW
from repository.access.rules import Action, can
from repository.accounts.identities import title_of as provider_title
from repository.accounts.identity import require_actor
from repository.accounts.models import User
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.deposit.classifying import class_of_record
from repository.deposit.owners import newest_of
from repository.deposit.views.blueprint import blueprint
from repository.i18n.locale import language
from repository.records.data_class import LABELS
from repository.records.models import Permission, Record
from repository.records.titles import title_of
from repository.sharing.days import end_of_day
from repository.web.context import reading, writing
from repository.web.forms import Form

PERMISSIONS = {
    Permission.VIEW: N_("Read the description"),
    Permission.DOWNLOAD: N_("Download the files"),
    Permission.EDIT: N_("Edit drafts"),
    Permission.MANAGE: N_("Publish and manage access"),
}
LINK_KINDS = {
    Permission.DOWNLOAD: N_("Read the description and download the files"),
    Permission.VIEW: N_("Read the description"),
    Permission.EDIT: N_("Edit drafts, once signed in"),
    REVIEW: N_("Review anonymously: this version without its people, and its files"),
}


@blueprint.route("/<id>/access", methods=["GET", "POST"])
def access(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    """The users with access to all versions of a record, and a form to add one."""
    form = Form.sent() if request.method == "POST" else Form()
    actor = require_actor()
    record = grants.managed_record(reading(), actor, id)
    if request.method == "POST":
        try:
            with writing() as work:
                grants.grant_access(
                    work,
                    actor,
                    grants.managed_record(work, actor, id),
                    email=form.get("email"),
                    permission=form.get("permission"),
                    expires_at=end_of_day(form.get("until")),
                )
        except ValidationFailed as error:
            form.fail(on_this_form(error, GRANT_FIELDS))
        else:
            flash(_("Access is given."))
            return redirect(url_for("deposit.access", id=id), 303)
    page = access_page(reading(), id, record, form)
    return (page, ValidationFailed.status) if form.failed else page


def access_page(
    work: Work,
    id: str,  # noqa: A002
    record: Record,
    form: Form,
    *,
    domain_form: Form | None = None,
    provider_form: Form | None = None,
    link_form: Form | None = None,
    made: str = "",
    named: Sequence[str] = (),
    class_form: Form | None = None,
    owner_form: Form | None = None,
) -> str:
    """`made` is the address of a link that was just made; `named` names that it would tell."""
    newest = newest_of(work, record)
    return render_template(
        "deposit/access.html",
        id=id,
        title=title_of(newest.metadata_json, language()) or _("Untitled"),
        given=grants.grants_of(work, record),
        now=work.clock.now(),
        permissions=PERMISSIONS,
        form=form,
        links=links.links_of(work, record),
        link_kinds=LINK_KINDS,
        domain_form=domain_form or Form(),
        provider_form=provider_form or Form(),
        provider_titles=_provider_titles(work),
        claims=list(dict.fromkeys(c for each in work.settings.oidc.values() for c in each.claims)),
        link_form=link_form or Form(),
        made=made,
        named=named,
        data_class=class_of_record(work, record),
        data_classes=LABELS,
        class_form=class_form or Form(),
        owner=work.session.get_one(User, record.owner_id),
        may_hand_over=can(require_actor(), Action.HAND_OVER, newest, work.clock.now()),
        owner_form=owner_form or Form(),
    )


@blueprint.post("/<id>/access/domains")
def give_domain(id: str) -> ResponseReturnValue:  # noqa: A002
    """Access for everyone with a verified address at an institution's domain."""
    form, actor = Form.sent(), require_actor()
    record = grants.managed_record(reading(), actor, id)
    try:
        with writing() as work:
            grants.grant_to_domain(
                work,
                actor,
                grants.managed_record(work, actor, id),
                domain=form.get("domain"),
                subdomains=form.get("subdomains") == "1",
                permission=form.get("domain_permission"),
                expires_at=end_of_day(form.get("domain_until")),
            )
    except ValidationFailed as error:
        form.fail(on_this_form(error, DOMAIN_FIELDS))
        page = access_page(reading(), id, record, Form(), domain_form=form)
        return page, ValidationFailed.status
    flash(_("Access is given."))
    return redirect(url_for("deposit.access", id=id), 303)


@blueprint.post("/<id>/access/providers")
def give_provider(id: str) -> ResponseReturnValue:  # noqa: A002
    """Access for everyone whom an identity provider signs in, or of whom it tells something."""
    form, actor = Form.sent(), require_actor()
    record = grants.managed_record(reading(), actor, id)
    try:
        with writing() as work:
            grants.grant_to_provider(
                work,
                actor,
                grants.managed_record(work, actor, id),
                provider=form.get("provider"),
                claim=form.get("claim"),
                value=form.get("claim_value"),
                permission=form.get("provider_permission"),
                expires_at=end_of_day(form.get("provider_until")),
            )
    except ValidationFailed as error:
        form.fail(on_this_form(error, PROVIDER_FIELDS))
        page = access_page(reading(), id, record, Form(), provider_form=form)
        return page, ValidationFailed.status
    flash(_("Access is given."))
    return redirect(url_for("deposit.access", id=id), 303)


@blueprint.post("/<id>/access/<int:grant_id>/revoke")
def revoke_access(id: str, grant_id: int) -> ResponseReturnValue:  # noqa: A002
    actor = require_actor()
    with writing() as work:
        grants.revoke_grant(work, actor, grants.managed_record(work, actor, id), grant_id)
    flash(_("Access is taken back, from now on."))
    return redirect(url_for("deposit.access", id=id), 303)


GRANT_FIELDS = {"/subject/id": "/email", "/expires_at": "/until"}
DOMAIN_FIELDS = {
    "/subject/id": "/domain",
    "/permission": "/domain_permission",
    "/expires_at": "/domain_until",
}


PROVIDER_FIELDS = {
    "/subject/id": "/provider",
    "/subject/claim": "/claim",
    "/subject/value": "/claim_value",
    "/permission": "/provider_permission",
    "/expires_at": "/provider_until",
}


def _provider_titles(work: Work) -> dict[str, str]:
    """By issuer, as grants hold it."""
    return {
        each.issuer: provider_title(name, each, language())
        for name, each in work.settings.oidc.items()
    }


def on_this_form(error: ValidationFailed, names: dict[str, str]) -> ValidationFailed:
    """With the names that fields have here."""
    return ValidationFailed(
        errors=[
            FieldError(names.get(e.pointer, e.pointer), e.message, e.params) for e in error.errors
        ]
    )

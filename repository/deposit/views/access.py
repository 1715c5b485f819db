"""Who else has access to a record: given and taken back by those who manage it."""

from datetime import UTC, date, datetime, time, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.access import grants
from repository.accounts.identity import require_actor
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.deposit.views.blueprint import blueprint
from repository.i18n.locale import language
from repository.records.models import Permission, Record, Version
from repository.records.titles import title_of
from repository.web.context import reading, writing
from repository.web.forms import Form

PERMISSIONS = {
    Permission.VIEW: N_("Read the description"),
    Permission.DOWNLOAD: N_("Download the files"),
    Permission.EDIT: N_("Edit drafts"),
    Permission.MANAGE: N_("Publish and manage access"),
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
                    expires_at=_end_of(form.get("until")),
                )
        except ValidationFailed as error:
            form.fail(_on_this_form(error))
        else:
            flash(_("Access is given."))
            return redirect(url_for("deposit.access", id=id), 303)
    page = _page(reading(), id, record, form)
    return (page, ValidationFailed.status) if form.failed else page


def _page(work: Work, id: str, record: Record, form: Form) -> str:  # noqa: A002
    newest = work.session.get(Version, record.latest_id or id)
    return render_template(
        "deposit/access.html",
        id=id,
        title=(title_of(newest.metadata_json, language()) if newest else "") or _("Untitled"),
        given=grants.grants_of(work, record),
        now=work.clock.now(),
        permissions=PERMISSIONS,
        form=form,
    )


@blueprint.post("/<id>/access/<int:grant_id>/revoke")
def revoke_access(id: str, grant_id: int) -> ResponseReturnValue:  # noqa: A002
    actor = require_actor()
    with writing() as work:
        grants.revoke_grant(work, actor, grants.managed_record(work, actor, id), grant_id)
    flash(_("Access is taken back, from now on."))
    return redirect(url_for("deposit.access", id=id), 303)


def _end_of(day: str) -> datetime | None:
    """The end, in UTC, of the last day on which access lasts."""
    if not day:
        return None
    try:
        following = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        message = N_("Write a date such as 2027-01-31.")
        raise ValidationFailed(errors=[FieldError("/expires_at", message)]) from error
    return datetime.combine(following, time(), UTC)


def _on_this_form(error: ValidationFailed) -> ValidationFailed:
    """With the names that fields have here."""
    names = {"/subject/id": "/email", "/expires_at": "/until"}
    return ValidationFailed(
        errors=[
            FieldError(names.get(e.pointer, e.pointer), e.message, e.params) for e in error.errors
        ]
    )

"""Handing a record over to another owner."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.access import grants
from repository.access.rules import Action, can
from repository.accounts.identity import require_actor
from repository.core.errors import ValidationFailed
from repository.deposit import owners
from repository.deposit.views.access import access_page, on_this_form
from repository.deposit.views.blueprint import blueprint
from repository.records.models import Record
from repository.records.quotas import QuotaExceeded
from repository.web.context import reading, writing
from repository.web.forms import Form

FIELDS = {"/subject/id": "/new_owner", "/permission": "/keeps"}


@blueprint.post("/<id>/access/owner")
def hand_over(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    """To the access page if the reader still manages the record, else to their own data."""
    form, actor = Form.sent(), require_actor()
    record = grants.managed_record(reading(), actor, id)
    try:
        with writing() as work:
            owners.hand_over(work, actor, id, form.get("new_owner"), form.get("keeps"))
    except (ValidationFailed, QuotaExceeded) as error:
        form.fail(on_this_form(error, FIELDS) if isinstance(error, ValidationFailed) else error)
        return access_page(reading(), id, record, Form(), owner_form=form), error.status
    flash(_("The record is handed over."))
    work = reading()
    newest = owners.newest_of(work, work.session.get_one(Record, record.id))
    manages = can(actor, Action.MANAGE, newest, work.clock.now())
    return redirect(
        url_for("deposit.access", id=id) if manages else url_for("deposit.dashboard"), 303
    )

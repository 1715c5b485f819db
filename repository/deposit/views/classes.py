"""The class of a published record's data: seen and changed by those who manage the record."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.access import grants
from repository.accounts.identity import require_actor
from repository.core.errors import Forbidden, ValidationFailed
from repository.deposit import classifying
from repository.deposit.views.access import access_page
from repository.deposit.views.blueprint import blueprint
from repository.web.context import reading, writing
from repository.web.forms import Form


@blueprint.post("/<id>/data-class")
def classify(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    form, actor = Form.sent(), require_actor()
    record = grants.managed_record(reading(), actor, id)
    try:
        with writing() as work:
            classifying.classify(work, actor, id, form.get("data_class"), form.get("reason"))
    except (ValidationFailed, Forbidden) as error:
        form.fail(error)
        return access_page(reading(), id, record, Form(), class_form=form), error.status
    flash(_("The class of the data is changed, for all versions."))
    return redirect(url_for("deposit.access", id=id), 303)

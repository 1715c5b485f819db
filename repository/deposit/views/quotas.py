"""The administrators' page of room: who holds most, and limits of their own."""

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor
from repository.accounts.models import Actor
from repository.core.errors import FieldError, Forbidden, ValidationFailed
from repository.core.messages import N_
from repository.core.settings import GB
from repository.records import quotas
from repository.records.models import Scope
from repository.web.context import reading, writing
from repository.web.forms import Form

blueprint = APIBlueprint("quotas", __name__, enable_openapi=False)
MOST = 10**9
NO_NUMBER = N_("Write a whole number, 0 for no limit, or leave it empty.")


def _administrator() -> Actor:
    actor = require_actor()
    if not actor.is_admin:
        raise Forbidden
    return actor


@blueprint.get("/admin/quotas")
def overview() -> str:
    _administrator()
    return _page(Form())


@blueprint.post("/admin/quotas")
def change() -> ResponseReturnValue:
    """Limits of its own for one user, collection or record."""
    actor, form = _administrator(), Form.sent()
    try:
        gigabytes, count = _number(form, "gigabytes"), _number(form, "files")
        scope = _scope(form)
        with writing() as work:
            holder = quotas.holder_named(work, scope, form.get("name"))
            size = None if gigabytes is None else gigabytes * GB
            quotas.set_limits(work, actor.user_id, holder, max_bytes=size, max_files=count)
    except ValidationFailed as error:
        form.fail(error)
        return _page(form), error.status
    flash(_("Saved."))
    return redirect(url_for("quotas.overview"))


def _scope(form: Form) -> Scope:
    if form.get("scope") not in list(Scope):
        raise ValidationFailed(errors=[FieldError("/scope", N_("Choose one of these."))])
    return Scope(form.get("scope"))


def _number(form: Form, name: str) -> int | None:
    text = form.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= MOST):
        raise ValidationFailed(errors=[FieldError(f"/{name}", NO_NUMBER)])
    return int(text)


def _page(form: Form) -> str:
    work = reading()
    found = [(each, quotas.name_of(work, each.holder)) for each in quotas.largest(work)]
    return render_template("deposit/quotas.html", form=form, found=found)

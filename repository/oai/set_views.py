"""The curators' page of searches that are offered to harvesters as sets."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor
from repository.core.errors import ValidationFailed
from repository.oai import search_sets
from repository.web.context import reading, writing
from repository.web.forms import Form

blueprint = Blueprint("oai_sets", __name__, url_prefix="/oai/sets")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """With `search`, a query string, the form is filled in with it."""
    search_sets.require_curator(require_actor())
    given = {"address": request.args.get("search", "")[:2000], "name": request.args.get("name", "")}
    return _show(Form(given))


def _show(form: Form) -> str:
    return render_template("oai/sets.html", form=form, sets=search_sets.offered(reading()))


@blueprint.post("")
def offer() -> ResponseReturnValue:
    actor, form = require_actor(), Form.sent()
    try:
        with writing() as work:
            made = search_sets.offer(
                work,
                actor,
                name=form.get("name"),
                address=form.get("address"),
                description=form.get("description"),
                short=form.get("short"),
            )
            spec = made.spec
    except ValidationFailed as error:
        form.fail(error)
        return _show(form), 400
    flash(_("Harvesters are offered the set %(spec)s as soon as it is filled.", spec=spec))
    return redirect(url_for("oai_sets.page"), 303)


@blueprint.post("/<int:set_id>/take-back")
def take_back(set_id: int) -> ResponseReturnValue:
    with writing() as work:
        search_sets.take_back(work, require_actor(), set_id)
    flash(_("The set is empty from now on; its records stay."))
    return redirect(url_for("oai_sets.page"), 303)

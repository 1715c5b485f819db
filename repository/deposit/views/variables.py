"""Describing the columns of a table."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor
from repository.core.errors import ValidationFailed
from repository.deposit import variables
from repository.deposit.views.blueprint import blueprint
from repository.tables.faults import faults
from repository.tables.refusals import MESSAGES
from repository.web.context import reading, writing
from repository.web.forms import Form
from repository.web.messages import translate

WORDS = ("label", "unit", "concept", "description")


@blueprint.get("/<id>/columns/<path:path>")
def columns(id: str, path: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    return _page(id, path, Form())


@blueprint.post("/<id>/columns/<path:path>")
def describe_columns(id: str, path: str) -> ResponseReturnValue:  # noqa: A002
    form = Form.sent()
    names = request.form.getlist("name")
    told = [
        {"name": name, **{word: form.get(f"variables/{at}/{word}") for word in WORDS}}
        for at, name in enumerate(names)
    ]
    try:
        with writing() as work:
            variables.describe_variables(work, require_actor(), id, path, told)
    except ValidationFailed as error:
        form.fail(error)
        return _page(id, path, form), error.status
    flash(_("Saved."))
    return redirect(url_for("deposit.columns", id=id, path=path))


def _page(id: str, path: str, form: Form) -> str:  # noqa: A002
    work = reading()
    found = variables.described(work, require_actor(), id, path)
    file = variables.draft_file(work, id, path)
    profile = variables.table_profile(work, file)
    refusal = profile.refusal if profile else ""
    if not form.values:
        form = Form(
            {f"variables/{n}/{w}": getattr(v, w) for n, v in enumerate(found) for w in WORDS}
        )
    return render_template(
        "deposit/columns.html",
        id=id,
        file=file,
        form=form,
        variables=found,
        profile=profile,
        refusal=translate(MESSAGES[refusal], profile.details) if profile and refusal else "",
        faults=faults(profile.details.get("problems", [])) if profile else [],
        statistics={each["name"]: each for each in profile.statistics} if profile else {},
    )

"""Who may have one file, where that differs from the record's other files."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import ValidationError

from repository.accounts.identity import require_actor
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.deposit import drafts, files, placing
from repository.deposit.views.blueprint import blueprint
from repository.i18n.locale import language
from repository.records.file_access import FileAccess
from repository.records.metadata.licences import LICENCES
from repository.records.models import File, State
from repository.web.context import reading, writing
from repository.web.forms import Form

CHOICES = {
    "default": N_("As the record's files are"),
    "public": N_("Public: everyone who may read the description may download it"),
    "restricted": N_("Restricted: everyone sees its name, not its content"),
    "hidden": N_("Hidden: nobody without access learns that it exists"),
}
UNDERSTOOD = {
    "embargo_until": N_("Write a date such as 2027-01-31."),
    "delete_at": N_("Write a date such as 2027-01-31."),
}


@blueprint.route("/<id>/file-access", methods=["GET", "POST"])
def file_access(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    actor = require_actor()
    path = request.values.get("path", "")
    draft = drafts.get_draft(reading(), actor, id)
    file = placing.find_file(reading(), id, path)
    if file is None:
        raise NotFound
    form = Form.sent() if request.method == "POST" else Form(_told(file))
    if request.method == "POST":
        try:
            wanted = _wanted(form)
            with writing() as work:
                files.set_file_access(work, actor, id, path, wanted)
        except ValidationFailed as error:
            form.fail(ValidationFailed(errors=[_here(e) for e in error.errors]))
        else:
            flash(_("Access to %(path)s is set.", path=path))
            return redirect(url_for("deposit.edit", id=id, _anchor="files-section"), 303)
    vietnamese = language() == "vi"
    page = render_template(
        "deposit/file_access.html",
        draft=draft,
        file=file,
        is_published=draft.version.state != State.DRAFT,
        form=form,
        choices=[(value, _(label)) for value, label in CHOICES.items()],
        licences=[(each.id, each.vi if vietnamese else each.en) for each in LICENCES],
    )
    return (page, ValidationFailed.status) if form.failed else page


def _told(file: File) -> dict[str, Any]:
    return {name: value or "" for name, value in FileAccess.of(file).told().items()}


def _wanted(form: Form) -> FileAccess:
    """Raises ValidationFailed."""
    names = FileAccess.model_fields
    sent = {name: form.get(name) for name in names if form.get(name)}
    try:
        return FileAccess.model_validate(sent)
    except ValidationError as error:
        wrong = [str(each["loc"][0]) for each in error.errors()]
        other = N_("This value is not understood.")
        told = [FieldError(f"/{name}", UNDERSTOOD.get(name, other)) for name in wrong]
        raise ValidationFailed(errors=told) from error


def _here(error: FieldError) -> FieldError:
    return FieldError(error.pointer.replace("/access/", "/"), error.message, error.params)

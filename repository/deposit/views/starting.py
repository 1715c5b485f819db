"""A new deposit that begins with a file which says already what it is."""

from contextlib import closing
from typing import BinaryIO, cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor, require_user
from repository.core.errors import FieldError, RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.deposit.form.defaults import first_metadata
from repository.deposit.importing.starting import Beginning, begin, read_file
from repository.deposit.views.blueprint import blueprint
from repository.web.context import runtime, writing
from repository.web.forms import Form
from repository.web.limits import limiter, takes_files

MAX_FILE = 2 << 30


@blueprint.post("/from-file")
@limiter.limit("30 per minute")
@takes_files(MAX_FILE)
def from_file() -> ResponseReturnValue:
    """A draft of what the file says; of what cannot be read, the page again with the reason."""
    user, form = require_user(), Form.sent()
    try:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise ValidationFailed(errors=[FieldError("/file", N_("Choose a file first."))])
        with closing(sent):
            stream = cast("BinaryIO", sent.stream)
            found = read_file(runtime(), stream, sent.filename, sent.mimetype)
        with writing() as work:
            defaults = first_metadata(user, work.clock.now(), work.settings.timezone)
            keep = bool(form.get("keep_doi"))
            draft = begin(work, require_actor(), found, defaults, keep_doi=keep)
    except RepositoryError as error:
        form.fail(error)
        return render_template("deposit/new.html", form=form), error.status
    _tell(found, kept_doi=keep)
    return redirect(url_for("deposit.edit", id=draft.version_id))


def _tell(found: Beginning, *, kept_doi: bool) -> None:
    flash(_("Read as %(format)s. Please look it over.", format=found.label))
    if not found.metadata:
        flash(_("No description was found in it; only its files are taken."))
    if found.doi and not kept_doi:
        flash(_("Its DOI %(doi)s is not this record's: it gets its own.", doi=found.doi))
    if found.left:
        shown = ", ".join(found.left[:30])
        flash(_("There was no place for: %(names)s", names=shown))

"""What becomes of a record: edited, followed by a new version, withdrawn; a draft discarded."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.access.documents import find_version
from repository.access.rules import Action, can, has_permission
from repository.accounts.identity import require_actor
from repository.core.errors import Forbidden, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.deposit import drafts
from repository.deposit import publish as publishing
from repository.deposit.form.choices import Choices
from repository.deposit.history import history as steps_of
from repository.deposit.views.blueprint import blueprint
from repository.i18n.locale import language
from repository.records.models import Permission, State, Version
from repository.records.titles import title_of
from repository.web.context import reading, writing
from repository.web.forms import Form

REASONS = {
    "requested-by-depositor": N_("Asked for by the depositor"),
    "legal": N_("Legal reasons"),
    "personal-data": N_("It holds personal data"),
    "error-in-data": N_("An error in the data"),
    "duplicate": N_("A duplicate of another record"),
    "removed-at-source": N_("It was removed at its source"),
    "other": N_("Another reason"),
}


@blueprint.post("/<id>/edit")
def edit_published(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    """Begin to change what is published; readers see nothing of it before it is published."""
    with writing() as work:
        drafts.edit_published(work, require_actor(), id)
    return redirect(url_for("deposit.edit", id=id))


@blueprint.post("/<id>/new-version")
def new_version(id: str) -> ResponseReturnValue:  # noqa: A002
    """Begin the next version, with the files of the last; or go on with the one begun."""
    with writing() as work:
        draft = drafts.new_version(work, require_actor(), id)
    return redirect(url_for("deposit.edit", id=draft.version_id))


@blueprint.route("/<id>/discard", methods=["GET", "POST"])
def discard(id: str) -> ResponseReturnValue:  # noqa: A002
    """Throw a draft away, after a question."""
    if request.method == "POST":
        with writing() as work:
            drafts.discard_draft(work, require_actor(), id)
        flash(_("The draft is discarded."))
        return redirect(url_for("deposit.dashboard"))
    draft = drafts.get_draft(reading(), require_actor(), id)
    return render_template(
        "deposit/discard.html",
        draft=draft,
        title=title_of(draft.metadata_json, language()) or _("Untitled"),
        first_time=draft.version.state == State.DRAFT,
    )


@blueprint.route("/<id>/withdraw", methods=["GET", "POST"])
def withdraw(id: str) -> ResponseReturnValue:  # noqa: A002
    """Take a published version back, with a reason that its tombstone shows."""
    form = Form.sent() if request.method == "POST" else Form()
    version = _mine(reading(), id, Action.WITHDRAW)
    if request.method == "POST":
        try:
            with writing() as work:
                version = find_version(work, require_actor(), id)
                publishing.withdraw(
                    work, require_actor(), version, form.get("reason"), form.get("note")
                )
        except ValidationFailed as error:
            form.fail(error)
        else:
            flash(_("It is withdrawn. Its page says so and why; its files are no longer served."))
            return redirect(url_for("discovery.landing", record_id=id))
    title = title_of(version.metadata_json, language())
    page = render_template(
        "deposit/withdraw.html", version=version, title=title, form=form, reasons=REASONS
    )
    return (page, ValidationFailed.status) if form.failed else page


@blueprint.get("/<id>/history")
def history(id: str) -> ResponseReturnValue:  # noqa: A002
    """What was changed, when and by whom; for those who may edit it."""
    work = reading()
    version = _mine(work, id, Action.VIEW)
    return render_template(
        "deposit/history.html",
        version=version,
        title=title_of(version.metadata_json, language()),
        steps=steps_of(work, version, Choices(language(), _)),
    )


def _mine(work: Work, id: str, action: Action) -> Version:  # noqa: A002
    """A published version that the reader deposited or curates. Raises NotFound, Forbidden."""
    actor = require_actor()
    version = find_version(work, actor, id)
    now = work.clock.now()
    mine = has_permission(actor, Permission.EDIT, version, now)
    if not mine or not can(actor, action, version, now):
        raise Forbidden
    return version

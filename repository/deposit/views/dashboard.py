"""My data: drafts waiting and records published; the way to a new deposit."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from repository.accounts.identity import require_actor, require_user
from repository.deposit import drafts, listing
from repository.deposit.form.defaults import first_metadata
from repository.deposit.views.blueprint import blueprint
from repository.i18n.locale import language
from repository.records.titles import title_of
from repository.web.context import reading, writing
from repository.web.forms import Form
from repository.web.paging import requested


@blueprint.get("")
def dashboard() -> ResponseReturnValue:
    """Drafts or published records, whichever was asked for; drafts where there are any."""
    work, actor = reading(), require_actor()
    counts = listing.count_own(work, actor)
    shown = request.args.get("show")
    if shown not in ("drafts", "records"):
        shown = "drafts" if counts.drafts or not counts.records else "records"
    paging = requested()
    find = listing.own_drafts if shown == "drafts" else listing.own_records
    rows = find(work, actor, offset=paging.offset, limit=paging.size)
    return render_template(
        f"deposit/{shown}.html",
        rows=rows,
        shown=shown,
        counts=counts,
        paging=paging,
        total=counts.drafts if shown == "drafts" else counts.records,
        title_of=lambda metadata: title_of(metadata, language()),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """What a deposit asks for; the button makes the draft, so that looking makes none."""
    if request.method == "GET":
        return render_template("deposit/new.html", form=Form())
    user = require_user()
    with writing() as work:
        metadata = first_metadata(user, work.clock.now(), work.settings.timezone)
        draft = drafts.create_draft(work, require_actor(), metadata)
    return redirect(url_for("deposit.edit", id=draft.version_id))

"""From draft to record: its DOI ahead of time, a look at it, the question, the act."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor
from repository.core.errors import PreconditionFailed, ValidationFailed
from repository.core.work import Work
from repository.deposit import drafts, listing
from repository.deposit import publish as publishing
from repository.deposit.checks import find_problems
from repository.deposit.form.choices import Choices
from repository.deposit.form.page import FormPage
from repository.deposit.preview import preview_document
from repository.deposit.views.blueprint import blueprint
from repository.discovery.coins import coins
from repository.discovery.maps import map_of
from repository.discovery.page import page_of
from repository.formats.citation import citation
from repository.i18n.locale import language
from repository.pid import services as pid
from repository.records.doi import doi_url, trial_prefix
from repository.records.models import Draft, State
from repository.web.context import reading, writing

MAX_ROWS = 1000


@blueprint.post("/<id>/doi")
def reserve_doi(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    """Tell the DOI before publishing, to be written into a paper or a readme."""
    with writing() as work:
        draft = drafts.get_draft(work, require_actor(), id, lock=True)
        doi = pid.reserve(work, draft.version)
    flash(_("The DOI %(doi)s is set aside. It works once this is published.", doi=doi))
    return redirect(url_for("deposit.edit", id=id))


@blueprint.get("/<id>/preview")
def preview(id: str) -> ResponseReturnValue:  # noqa: A002
    """The landing page to be, for its depositor alone."""
    work = reading()
    draft = drafts.get_draft(work, require_actor(), id)
    document, form = preview_document(work, draft, _("(still missing)")), _checked_form(work, draft)
    if document is None:
        return render_template("deposit/no_preview.html", draft=draft, form=form)
    return render_template(
        "deposit/preview.html",
        draft=draft,
        form=form,
        document=document,
        rows=listing.draft_files(work, id, limit=MAX_ROWS),
        page=page_of(document, language()),
        version=draft.version,
        versions=(),
        folder=None,
        gone=(),
        map=map_of(document.metadata),
        may_edit=False,
        citation=citation(document, language()),
        exports=(),
        styles=(),
        doi=document.doi_url,
        concept_doi=None,
        doi_state=None,
        alike=(),
        coins=coins(document),
    )


@blueprint.get("/<id>/publish")
def publish(id: str) -> ResponseReturnValue:  # noqa: A002
    """What will be public and what cannot be changed any more, before it happens."""
    work = reading()
    return _question(work, drafts.get_draft(work, require_actor(), id))


@blueprint.post("/<id>/publish")
def confirm_publish(id: str) -> ResponseReturnValue:  # noqa: A002
    """Publish what was looked at; when it was changed since, ask again."""
    try:
        with writing() as work:
            version = publishing.publish(work, require_actor(), id, expected_revision=_looked_at())
            first_time = version.revision == 1
            doi = doi_url(version.doi or "", work.settings.base_url, trial_prefix(work.settings))
    except (ValidationFailed, PreconditionFailed) as error:
        work = reading()
        draft = drafts.get_draft(work, require_actor(), id)
        changed = isinstance(error, PreconditionFailed)
        return _question(work, draft, changed=changed), error.status
    if first_time:
        flash(_("Congratulations, it is published. Cite it as %(doi)s", doi=doi))
    else:
        flash(_("Your changes are published."))
    return redirect(url_for("discovery.landing", record_id=id))


def _looked_at() -> int:
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _question(work: Work, draft: Draft, *, changed: bool = False) -> str:
    count, size = listing.count_files(work, draft.version_id)
    return render_template(
        "deposit/publish.html",
        draft=draft,
        version=draft.version,
        first_time=draft.version.state == State.DRAFT,
        document=preview_document(work, draft, _("(still missing)")),
        form=_checked_form(work, draft),
        file_count=count,
        file_bytes=size,
        choices=Choices(language(), _),
        changed=changed,
    )


def _checked_form(work: Work, draft: Draft) -> FormPage:
    form = FormPage.of(draft)
    form.place(find_problems(work, draft))
    return form

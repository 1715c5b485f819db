"""Filling a draft in from a DOI, an ORCID iD or a ROR id: what is known, what of it to take."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor
from repository.core.errors import NotFound, PreconditionFailed, RepositoryError
from repository.deposit import drafts, filling
from repository.deposit.views.blueprint import blueprint
from repository.i18n.locale import language
from repository.pid import lookup
from repository.pid.rules import normalise_doi
from repository.records.models import Draft, State
from repository.records.titles import title_of
from repository.web.context import reading, writing
from repository.web.limits import limiter
from repository.web.messages import translate


@blueprint.get("/<id>/fill")
@limiter.limit("30 per minute")
def fill(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    """What others say of an identifier beside what the draft says. Changes nothing."""
    identifier = request.args.get("identifier", "").strip()
    draft = drafts.get_draft(reading(), require_actor(), id)
    problem, found, made = "", None, []
    try:
        found = lookup.look_up(reading().settings, identifier)
        made = filling.proposals(draft.metadata_json, found)
    except RepositoryError as error:
        if not reading().settings.prefill:
            raise
        wrong = error.errors[0] if error.errors else error
        problem = translate(wrong.message, wrong.params)
    page = render_template(
        "deposit/fill.html",
        draft=draft,
        title=title_of(draft.metadata_json, language()) or _("Untitled"),
        identifier=identifier,
        found=found,
        proposals=made,
        problem=problem,
        may_keep=found is not None and found.kind == "doi" and _has_no_doi(draft),
    )
    return (page, 422) if problem else page


def _has_no_doi(draft: Draft) -> bool:
    return draft.version.state == State.DRAFT and not draft.version.doi


@blueprint.post("/<id>/fill")
@limiter.limit("30 per minute")
def take(id: str) -> ResponseReturnValue:  # noqa: A002
    """Take over what was ticked, and keep the rest as it was typed.

    The registry is asked again, so that what is taken is what it says and not what a page sent.
    """
    settings = reading().settings
    if not settings.prefill:
        raise NotFound
    found = lookup.look_up(settings, request.form.get("identifier", ""))
    ticked = set(request.form.getlist("take"))
    with writing() as work:
        draft = drafts.get_draft(work, require_actor(), id, lock=True)
        known = filling.proposals(draft.metadata_json, found)
        chosen = {each.where: each.value for each in known if each.where in ticked}
        try:
            drafts.save_draft(
                work,
                require_actor(),
                id,
                metadata=filling.filled(draft.metadata_json, chosen),
                expected_revision=request.form.get("revision", type=int),
            )
        except PreconditionFailed:
            flash(_("This draft was saved elsewhere meanwhile. Please choose again."))
            return redirect(url_for("deposit.fill", id=id, identifier=request.form["identifier"]))
        if "keep_doi" in request.form and found.kind == "doi" and _has_no_doi(draft):
            draft.external_doi = normalise_doi(request.form["identifier"])
    flash(_("Filled in. Please look it over."))
    return redirect(url_for("deposit.edit", id=id))

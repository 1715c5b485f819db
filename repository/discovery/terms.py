"""The terms of a record: read, accepted, and on to the download they stood before."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from repository.access import terms
from repository.access.documents import find_version
from repository.access.terms import TermsNotAccepted
from repository.accounts.identity import GUEST, current_actor, signed_in_user
from repository.accounts.models import as_guest
from repository.core.errors import Conflict, FieldError, ValidationFailed
from repository.core.messages import N_
from repository.discovery.blueprint import blueprint
from repository.i18n.locale import language
from repository.records.models import Version
from repository.records.titles import title_of
from repository.web import errors, problems
from repository.web.context import reading, writing
from repository.web.forms import Form
from repository.web.limits import limiter, sign_in_limit
from repository.web.negotiation import wants_problem
from repository.web.security import SAFE_METHODS
from repository.web.urls import here, safe_next

UNTICKED = N_("Tick the box: without accepting the terms you cannot have the files.")


@blueprint.get("/records/<record_id>/terms")
def read_terms(record_id: str) -> ResponseReturnValue:
    """The terms, with the form to accept them; once that is done, the way on."""
    return _page(terms.version_with_terms(find_version(reading(), current_actor(), record_id)))


@blueprint.post("/records/<record_id>/terms")
@limiter.limit(sign_in_limit)
def accept_terms(record_id: str) -> ResponseReturnValue:
    """Keep who accepted which text: the user, or else the browser's session."""
    form, version = Form.sent(), find_version(reading(), current_actor(), record_id)
    actor = current_actor()
    secret = "" if actor.user_id is not None or actor.guest else terms.new_guest()
    accepting = as_guest(actor, secret) if secret else actor
    if form.get("accepted") != "1":
        form.fail(ValidationFailed(errors=[FieldError("/accepted", UNTICKED)]))
        return _page(version, form), ValidationFailed.status
    try:
        with writing() as work:
            terms.accept_terms(work, accepting, version, form.get("terms"))
    except (ValidationFailed, Conflict) as error:
        form.fail(error)
        return _page(version, form), error.status
    if secret:
        session[GUEST] = secret
        session.permanent = True
    target = url_for("discovery.read_terms", record_id=record_id, next=_next(version), go="1")
    return redirect(target, 303)


def _page(version: Version, form: Form | None = None) -> Response:
    work, actor = reading(), current_actor()
    texts = version.terms
    spoken = language() if language() in texts else next(iter(texts))
    accepted = terms.acceptance_of(work, actor, version)
    html = render_template(
        "discovery/terms.html",
        version=version,
        title=title_of(version.metadata_json, language()) or _("Untitled"),
        texts=sorted(texts.items(), key=lambda each: each[0] != spoken),
        form=form or Form(),
        accepted=accepted,
        exempt=accepted is None and not terms.must_accept(actor, version, work.clock.now()),
        next=_next(version),
        goes_on=accepted is not None and request.args.get("go") == "1",
        user=signed_in_user(),
    )
    return Response(html, mimetype="text/html", headers={"Cache-Control": "private, no-store"})


def _next(version: Version) -> str:
    """Where the reader was going, if that was to this record; else to its page."""
    landing = url_for("discovery.landing", record_id=version.id)
    wanted = safe_next(request.values.get("next"), landing)
    return wanted if f"/records/{version.id}" in wanted.partition("?")[0] else landing


@blueprint.app_errorhandler(TermsNotAccepted)
def lead_to_terms(error: TermsNotAccepted) -> Response:
    """People are led to the terms and back; programs are told (403) where they stand.

    A program that follows links and takes what it gets would keep the page for the file: only who
    says that they read HTML is led on.
    """
    told = problems.of(error)
    reads = "text/html" in request.headers.get("Accept", "")
    if wants_problem() or not reads or request.method not in SAFE_METHODS:
        return errors.answer(told)
    response = redirect(url_for("discovery.read_terms", record_id=error.version_id, next=here()))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Link"] = f'<{told.way_url}>; rel="{told.rel}"'
    return response

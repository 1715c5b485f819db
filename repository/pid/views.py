"""Where identifiers lead, and the operator's page about them."""

from urllib.parse import quote

from flask import (
    Blueprint,
    Flask,
    Response,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import current_actor, require_actor
from repository.audit.services import log
from repository.core.errors import Forbidden, NotFound
from repository.pid import ark, lookup, queue, services, sync
from repository.pid.models import Identifier
from repository.web import paging
from repository.web.context import reading, writing
from repository.web.cors import readable_elsewhere
from repository.web.limits import limiter

blueprint = Blueprint("pid", __name__)


@blueprint.get("/doi/<path:doi>")
def resolve_doi(doi: str) -> ResponseReturnValue:
    """To the landing page; whoever asks for a format sends the same Accept header there.

    303, for what is at the other end describes the thing and is not it (httpRange-14).
    """
    version_id = services.resolve(reading(), current_actor(), doi)
    return _to_landing(version_id, status=303)


@blueprint.get("/ark:/<naan>/<path:name>")
@blueprint.get("/ark:<naan>/<path:name>")
def resolve_ark(naan: str, name: str) -> ResponseReturnValue:
    work, actor = reading(), current_actor()
    named = ark.resolve(work, actor, naan, name)
    if "info" in request.args:
        return Response(ark.about(work, actor, named), mimetype="text/plain")
    return _to_landing(named.version.id, named.path)


def _to_landing(version_id: str, path: str = "", *, status: int = 302) -> Response:
    address = f"{request.script_root}/records/{version_id}"
    response = redirect(address + (f"/files/{quote(path)}" if path else ""), status)
    response.vary.add("Accept")
    return readable_elsewhere(response)  # type: ignore[return-value]  # werkzeug's type; ours in fact


def _require_curator() -> None:
    if not require_actor().is_curator:
        raise Forbidden


@blueprint.get("/admin/identifiers")
def identifiers() -> str:
    _require_curator()
    work, page = reading(), paging.requested(size=50)
    show = request.args.get("show", "attention")
    rows, total = queue.listed(work, show, page.offset, page.size)
    return render_template(
        "pid/identifiers.html",
        rows=rows,
        total=total,
        paging=page,
        show=show,
        filters=queue.FILTERS,
        counts=queue.counts(work),
        pauses=queue.pauses(work),
        now=work.clock.now(),
    )


@blueprint.post("/admin/identifiers/<int:identifier_id>/retry")
def retry(identifier_id: int) -> ResponseReturnValue:
    _require_curator()
    actor = require_actor()
    with writing() as work:
        identifier = work.session.get(Identifier, identifier_id)
        if identifier is None:
            raise NotFound
        sync.retry_now(work, identifier)
        log(work, actor.user_id, "identifier.retry", "identifier", identifier.value)
    flash(_("%(doi)s will be sent again now.", doi=identifier.value))
    return redirect(url_for("pid.identifiers", show=request.args.get("show", "attention")))


@blueprint.get("/prefill")
@limiter.limit("30 per minute")
def prefill() -> ResponseReturnValue:
    """Values for the deposit form from a DOI, an ORCID iD or a ROR id; for signed-in people."""
    require_actor()
    settings = reading().settings
    found = lookup.look_up(settings, request.args.get("identifier", ""))
    return jsonify({"kind": found.kind, "values": found.values, "source": found.source})


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)

"""Opening a share link."""

from flask import flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from repository.access.documents import latest_visible
from repository.access.links import MAX_HELD, open_link
from repository.access.models import REVIEW, ShareLink
from repository.access.rules import Action, can
from repository.accounts.identity import LINKS, current_actor
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.records.models import Permission, Version
from repository.sharing.views.blueprint import blueprint
from repository.web.context import reading, writing


@blueprint.get("/share")
def share() -> Response:
    """Lead on to what the link opens; the secret stays behind, out of sight and of referrers.

    The session remembers the link's number alone. Raises NotFound.
    """
    with writing() as work:
        link = open_link(work, request.args.get("key", ""))
        link_id, permission = link.id, link.permission
    held = [each for each in session.get(LINKS, []) if each != link_id]
    session[LINKS] = [*held, link_id][-MAX_HELD:]
    session.permanent = True
    g.pop("actor", None)
    target = _target(reading().session.get_one(ShareLink, link_id))
    if permission == Permission.EDIT and current_actor().user_id is None:
        flash(_("Sign in to edit: it is kept who changed what."))
        target = url_for("accounts.sign_in", next=target)
    response = redirect(target)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _target(link: ShareLink) -> str:
    if link.permission == REVIEW:
        return url_for("sharing.review", link=link.id)
    work, actor = reading(), current_actor()
    latest = latest_visible(work, actor, link.record_id)
    if latest is not None:
        return url_for("discovery.landing", record_id=latest.id)
    newest = select(Version).where(Version.record_id == link.record_id)
    draft = work.session.scalars(newest.order_by(Version.number.desc()).limit(1)).one()
    if link.permission == Permission.EDIT:
        return url_for("deposit.edit", id=draft.id)
    if can(actor, Action.VIEW, draft, work.clock.now()):
        return url_for("deposit.preview", id=draft.id)
    raise NotFound(N_("Nothing of this record is published yet; the link will show it then."))

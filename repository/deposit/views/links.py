"""Share links of a record: made, shown once, and taken back by those who manage it."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.access import grants, links
from repository.accounts.identity import require_actor
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.deposit.views.access import access_page, on_this_form
from repository.deposit.views.blueprint import blueprint
from repository.records.models import Version
from repository.sharing.blind import names_told
from repository.sharing.days import end_of_day
from repository.web.context import reading, runtime, writing
from repository.web.forms import Form


@blueprint.route("/<id>/links", methods=["GET", "POST"])
def links_of(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    """Make a link. Its address is on the answer and nowhere else: only a hash of it is kept."""
    if request.method == "GET":
        return redirect(url_for("deposit.access", id=id))
    form, actor = Form.sent(), require_actor()
    record = grants.managed_record(reading(), actor, id)
    try:
        with writing() as work:
            link, secret = links.create_link(
                work,
                actor,
                grants.managed_record(work, actor, id),
                permission=form.get("link_permission"),
                version_id=id,
                note=form.get("note"),
                expires_at=end_of_day(form.get("link_until")),
                max_uses=_number(form.get("max_uses")),
            )
            shown = link.version_id
    except ValidationFailed as error:
        form.fail(on_this_form(error, LINK_FIELDS))
        return access_page(reading(), id, record, Form(), link_form=form), error.status
    address = f"{runtime().settings.base_url}{url_for('sharing.share', key=secret)}"
    version = reading().session.get(Version, shown) if shown else None
    named = names_told(reading(), version) if version else []
    return access_page(reading(), id, record, Form(), made=address, named=named)


LINK_FIELDS = {"/permission": "/link_permission", "/expires_at": "/link_until"}


@blueprint.post("/<id>/links/<int:link_id>/revoke")
def revoke_link(id: str, link_id: int) -> ResponseReturnValue:  # noqa: A002
    actor = require_actor()
    with writing() as work:
        links.revoke_link(work, actor, grants.managed_record(work, actor, id), link_id)
    flash(_("The link opens nothing any more."))
    return redirect(url_for("deposit.access", id=id), 303)


def _number(text: str) -> int | None:
    if not text:
        return None
    try:
        return int(text)
    except ValueError as error:
        message = N_("Write a number from 1 to 1,000,000.")
        raise ValidationFailed(errors=[FieldError("/max_uses", message)]) from error

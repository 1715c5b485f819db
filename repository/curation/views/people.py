"""The members of a collection."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor
from repository.core.errors import ValidationFailed
from repository.curation import collections
from repository.curation import members as people
from repository.curation.roles import has_role
from repository.curation.views.blueprint import ROLES, blueprint
from repository.records.collections import CollectionRole
from repository.web import paging
from repository.web.context import reading, writing
from repository.web.forms import Form


@blueprint.route("/collections/<slug>/members", methods=["GET", "POST"])
def members(slug: str) -> ResponseReturnValue:
    """Who is one, for curators of the collection; managers add people by their e-mail address."""
    form = Form.sent() if request.method == "POST" else Form()
    actor = require_actor()
    if request.method == "POST":
        try:
            with writing() as work:
                collection = collections.find(work, slug)
                added = people.set_member(
                    work, actor, collection, email=form.get("email"), role=form.get("role")
                )
                name = added.user.name
        except ValidationFailed as error:
            form.fail(error)
        else:
            flash(_("%(name)s is a member now.", name=name))
            return redirect(url_for("curation.members", slug=slug), 303)
    work, page = reading(), paging.requested(size=50)
    collection = collections.find(work, slug)
    found, total = people.members_of(work, actor, collection, offset=page.offset, limit=page.size)
    html = render_template(
        "curation/members.html",
        collection=collection,
        members=found,
        total=total,
        paging=page,
        roles_list=[(value, _(label)) for value, label in ROLES.items()],
        form=form,
        may_change=has_role(work, actor, collection, CollectionRole.MANAGER),
    )
    return (html, ValidationFailed.status) if form.failed else html


@blueprint.post("/collections/<slug>/members/<int:member_id>/remove")
def remove_member(slug: str, member_id: int) -> ResponseReturnValue:
    with writing() as work:
        collection = collections.find(work, slug)
        people.remove_member(work, require_actor(), collection, member_id)
    flash(_("The membership has ended."))
    return redirect(url_for("curation.show", slug=slug), 303)

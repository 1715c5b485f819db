"""Making and changing a collection, for those who may."""

from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor
from repository.core.errors import FieldError, Forbidden, ValidationFailed
from repository.core.messages import N_
from repository.curation import collections, placing
from repository.curation.roles import may_create, require_role
from repository.curation.rules import MAX_LOGO, image_type
from repository.curation.views.blueprint import KINDS, SUBMISSION, blueprint
from repository.records.collections import Collection, CollectionRole
from repository.web.context import reading, runtime, writing
from repository.web.forms import Form
from repository.web.limits import takes_files

FIELDS = (
    *("title_vi", "title_en", "kind", "parent", "description_vi", "description_en"),
    *("ror", "website", "policy", "submission", "checklist", "terms_vi", "terms_en"),
)
NOT_A_PICTURE = N_("Choose a PNG, JPEG or WebP picture of at most %(size)s KB.")


@blueprint.route("/collections/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    if not may_create(require_actor()):
        raise Forbidden
    form = Form.sent() if request.method == "POST" else Form({"submission": "review"})
    if request.method == "POST":
        try:
            with writing() as work:
                values = {name: form.get(name) for name in (*FIELDS, "slug")}
                made = collections.create(work, require_actor(), values)
                slug = made.slug
        except ValidationFailed as error:
            form.fail(error)
        else:
            flash(_("The collection is there. Now say who looks after it."))
            return redirect(url_for("curation.members", slug=slug), 303)
    page = _page(None, form)
    return (page, ValidationFailed.status) if form.failed else page


@blueprint.route("/collections/<slug>/edit", methods=["GET", "POST"])
@takes_files(MAX_LOGO + 1024 * 1024)
def edit(slug: str) -> ResponseReturnValue:
    work, actor = reading(), require_actor()
    collection = collections.find(work, slug)
    require_role(work, actor, collection, CollectionRole.MANAGER)
    form = Form.sent() if request.method == "POST" else Form(_values(collection))
    if request.method == "POST":
        try:
            _save(slug, form)
        except ValidationFailed as error:
            form.fail(error)
        else:
            flash(_("Saved."))
            return redirect(url_for("curation.show", slug=slug), 303)
    page = _page(collections.find(reading(), slug), form)
    return (page, ValidationFailed.status) if form.failed else page


def _values(collection: Collection) -> dict[str, str]:
    values = {name: getattr(collection, name, "") for name in FIELDS}
    parent = collection.parent.slug if collection.parent else ""
    return values | {"parent": parent, "checklist": "\n".join(collection.checklist)}


def _save(slug: str, form: Form) -> None:
    """The picture goes into the store before the transaction that points at it."""
    actor = require_actor()
    sent = request.files.get("logo")
    picture = sent.stream.read(MAX_LOGO + 1) if sent and sent.filename else b""
    media_type = image_type(picture) if picture else None
    if picture and (media_type is None or len(picture) > MAX_LOGO):
        wrong = FieldError("/logo", NOT_A_PICTURE, {"size": MAX_LOGO // 1024})
        raise ValidationFailed(errors=[wrong])
    stored = runtime().store.write(BytesIO(picture), max_size=MAX_LOGO) if picture else None
    with writing() as work:
        collections.update(work, actor, slug, {name: form.get(name) for name in FIELDS})
        if stored is not None and media_type:
            collections.set_logo(work, actor, slug, stored, media_type)
        elif form.get("remove_logo"):
            collections.set_logo(work, actor, slug, None, "")


def _page(collection: Collection | None, form: Form) -> str:
    context: dict[str, Any] = {
        "collection": collection,
        "form": form,
        "kinds_list": [(value, _(label)) for value, label in KINDS.items()],
        "policies_list": [(value, _(label)) for value, label in SUBMISSION.items()],
        "logo_size": MAX_LOGO // 1024,
    }
    return render_template("curation/edit.html", **context)


@blueprint.route("/collections/<slug>/delete", methods=["GET", "POST"])
def delete(slug: str) -> ResponseReturnValue:
    """Remove a collection, after a question; its records stay."""
    if not may_create(require_actor()):
        raise Forbidden
    if request.method == "POST":
        with writing() as work:
            collections.delete(work, require_actor(), slug)
        flash(_("The collection is removed. Its records are where they were."))
        return redirect(url_for("curation.index"), 303)
    return render_template("curation/delete.html", collection=collections.find(reading(), slug))


@blueprint.post("/collections/<slug>/records/remove")
def remove_record(slug: str) -> ResponseReturnValue:
    with writing() as work:
        collection = collections.find(work, slug)
        placing.remove_record(work, require_actor(), collection, request.form.get("record", ""))
    flash(_("The record is no longer in this collection."))
    return redirect(url_for("curation.show", slug=slug), 303)

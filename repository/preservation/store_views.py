"""The operator's page of stores: what lies where, what belongs where, what is still to move."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from repository.accounts.identity import require_actor
from repository.accounts.models import Actor
from repository.core.copies import STORE
from repository.core.errors import FieldError, Forbidden, ValidationFailed
from repository.core.messages import N_
from repository.preservation import placement
from repository.preservation.blueprint import blueprint
from repository.preservation.placement import Wish
from repository.records.collections import Collection
from repository.web.context import reading, runtime, writing
from repository.web.forms import Form
from storage.base import ObjectStore, StorageError

MB = 1000**2
MOST = 10**9
NO_COUNTRY = N_("The settings do not say in which country this store stands.")
NO_NUMBER = N_("Write a whole number, or leave it empty.")


def _administrator() -> Actor:
    actor = require_actor()
    if not actor.is_admin:
        raise Forbidden
    return actor


@blueprint.get("/admin/stores")
def stores() -> str:
    _administrator()
    return _page(Form())


@blueprint.post("/admin/stores")
def add_rule() -> ResponseReturnValue:
    actor, form = _administrator(), Form.sent()
    try:
        wish = _wish(form)
        with writing() as work:
            placement.add(work, actor, wish)
    except ValidationFailed as error:
        form.fail(error)
        return _page(form), error.status
    flash(_("Saved. What lies elsewhere is moved by and by."))
    return redirect(url_for("preservation.stores"))


@blueprint.post("/admin/stores/<int:number>/remove")
def remove_rule(number: int) -> ResponseReturnValue:
    actor = _administrator()
    with writing() as work:
        placement.remove(work, actor, number)
    return redirect(url_for("preservation.stores"))


@blueprint.post("/admin/stores/<int:number>/raise")
def raise_rule(number: int) -> ResponseReturnValue:
    actor = _administrator()
    with writing() as work:
        placement.raise_rule(work, actor, number)
    return redirect(url_for("preservation.stores"))


def _wish(form: Form) -> Wish:
    place, kept = form.get("place"), ""
    smallest, largest = _megabytes(form, "min_bytes"), _megabytes(form, "max_bytes")
    if form.get("country"):
        kept = placement.country_of(reading().settings, place)
        if not kept:
            raise ValidationFailed(errors=[FieldError("/country", NO_COUNTRY)])
    return Wish(place, form.get("collection"), smallest, largest, kept, form.get("data_class"))


def _megabytes(form: Form, name: str) -> int | None:
    text = form.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= MOST):
        raise ValidationFailed(errors=[FieldError(f"/{name}", NO_NUMBER)])
    return int(text) * MB


def _page(form: Form) -> str:
    work = reading()
    held = placement.standing(work)
    left = placement.left_to_move(work)
    collections = work.session.scalars(select(Collection).order_by(Collection.slug)).all()
    return render_template(
        "preservation/stores.html",
        form=form,
        held=held,
        total=sum(each.size - each.going_size for each in held.values()),
        left=left,
        names={place: _name(place) for place in held},
        states={place: _state(store) for place, store in runtime().stores.items()},
        countries={place: placement.country_of(work.settings, place) for place in held},
        rules=placement.rules(work),
        collections=collections,
        titles={each.id: each.slug for each in collections},
        classes=placement.CLASSES,
        grace=work.settings.store_grace_days,
    )


def _name(place: str) -> str:
    return place.removeprefix(STORE).removeprefix(":") or _("The first store")


def _state(store: ObjectStore) -> str:
    try:
        store.check()
    except StorageError as error:
        return str(error)
    return ""

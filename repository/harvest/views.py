"""The administrators' pages of sources: what there is, what each run did, what was refused."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor
from repository.accounts.models import Actor, User
from repository.core.errors import ValidationFailed
from repository.core.messages import N_
from repository.curation import collections
from repository.harvest import services
from repository.harvest.kinds.registry import KINDS
from repository.harvest.models import HarvestSource, ItemState, RunState
from repository.harvest.services import PAUSES, Told
from repository.i18n.locale import language
from repository.web import paging
from repository.web.context import reading, runtime, writing
from repository.web.forms import Form
from repository.web.messages import translate

blueprint = Blueprint("harvest", __name__, url_prefix="/admin/harvest")
MAX_COLLECTIONS = 1000
PAUSE_WORDS = {
    0: N_("Only when asked"),
    1: N_("Every hour"),
    6: N_("Every 6 hours"),
    24: N_("Every day"),
    168: N_("Every week"),
}
RUN_WORDS = {
    RunState.RUNNING.value: N_("under way"),
    RunState.DONE.value: N_("done"),
    RunState.FAILED.value: N_("failed"),
}
ITEM_WORDS = {
    ItemState.REFUSED.value: N_("refused"),
    ItemState.WAITING.value: N_("waits"),
    ItemState.DECLINED.value: N_("thrown away here"),
    ItemState.MISSING.value: N_("not listed any more"),
}


def _admin() -> Actor:
    actor = require_actor()
    services.require_admin(actor)
    return actor


@blueprint.get("")
def index() -> str:
    """All sources, and a form for another."""
    actor = _admin()
    user = reading().session.get(User, actor.user_id)
    values = {"owner": user.email if user else "", "every_hours": "24", "enabled": "1"}
    return _index(Form(values))


def _index(form: Form) -> str:
    work = reading()
    return render_template(
        "harvest/index.html",
        form=form,
        sources=services.listed(work),
        runs=services.last_runs(work),
        **_words(),
    )


def _words() -> dict[str, Any]:
    found, _total = collections.listed(reading(), limit=MAX_COLLECTIONS)
    return {
        "collections": [(each.slug, each.title(language())) for each in found],
        "pauses": [(str(hours), _(PAUSE_WORDS[hours])) for hours in PAUSES],
        "run_words": RUN_WORDS,
        "item_words": ITEM_WORDS,
        "said": lambda row: translate(row.problem, row.params),
    }


def _told(form: Form) -> Told:
    pause = form.get("every_hours")
    return Told(
        name=form.get("name"),
        address=form.get("address"),
        prefix=form.get("prefix"),
        set_spec=form.get("set_spec"),
        collection=form.get("collection"),
        owner=form.get("owner"),
        review=bool(form.get("review")),
        every_hours=int(pause) if pause.isascii() and pause.isdigit() and len(pause) < 5 else -1,
        enabled=bool(form.get("enabled")),
    )


@blueprint.post("")
def add() -> ResponseReturnValue:
    """The source is asked what it is before it is kept."""
    actor, form = _admin(), Form.sent()
    try:
        about = services.look_at(runtime().settings, _told(form))
        with writing() as work:
            source = services.save(work, actor, _told(form))
            services.begin(work, actor, source)
            source_id = source.id
    except ValidationFailed as error:
        form.fail(error)
        return _index(form), error.status
    name = about.name or form.get("name")
    flash(_("%(name)s answers. Its records are harvested now.", name=name))
    return redirect(url_for("harvest.show", source_id=source_id), 303)


@blueprint.get("/<int:source_id>")
def show(source_id: int) -> str:
    """What its runs did, what is not as the source has it, and its settings."""
    _admin()
    source = services.found(reading(), source_id)
    owner = reading().session.get_one(User, source.owner_id)
    told = asdict(Told.of(source, owner.email))
    switches = {name: "1" if told[name] else "" for name in ("review", "enabled")}
    return _show(source, Form({**{n: str(v) for n, v in told.items()}, **switches}))


def _show(source: HarvestSource, form: Form) -> str:
    work, page = reading(), paging.requested(size=25)
    runs = services.runs_of(work, source)
    items, total = services.troubles(work, source, offset=page.offset, limit=page.size)
    return render_template(
        "harvest/show.html",
        form=form,
        source=source,
        runs=runs,
        running=runs[0] if runs and runs[0].state == RunState.RUNNING else None,
        items=items,
        known=services.counted(work, source),
        paging=page,
        total=total,
        kind=KINDS[source.kind].label,
        **_words(),
    )


@blueprint.post("/<int:source_id>")
def change(source_id: int) -> ResponseReturnValue:
    """The source is asked again only where another answer is to be expected."""
    actor, form = _admin(), Form.sent()
    told = _told(form)
    try:
        source = services.found(reading(), source_id)
        if (told.address, told.prefix) != (source.address, source.prefix):
            services.look_at(runtime().settings, told)
        with writing() as work:
            services.save(work, actor, told, source_id)
    except ValidationFailed as error:
        form.fail(error)
        return _show(services.found(reading(), source_id), form), error.status
    flash(_("Saved."))
    return redirect(url_for("harvest.show", source_id=source_id), 303)


@blueprint.post("/<int:source_id>/run")
def run(source_id: int) -> ResponseReturnValue:
    """Now: what changed, or everything."""
    actor = _admin()
    with writing() as work:
        source = services.found(work, source_id)
        services.begin(work, actor, source, whole=request.form.get("whole") == "1")
    return redirect(url_for("harvest.show", source_id=source_id), 303)


@blueprint.post("/<int:source_id>/remove")
def remove(source_id: int) -> ResponseReturnValue:
    """Forget the source; its records stay."""
    actor = _admin()
    with writing() as work:
        services.remove(work, actor, source_id)
    flash(_("The source was removed; its records stay."))
    return redirect(url_for("harvest.index"), 303)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)

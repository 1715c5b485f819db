"""The page of notices, and the count beside one's name."""

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from repository.accounts import notices
from repository.accounts.identity import current_actor, require_user, signed_in_user
from repository.i18n.locale import language
from repository.notices import services
from repository.web import paging
from repository.web.context import reading, runtime, writing

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
def listing() -> str:
    user, page = require_user(), paging.requested()
    shown, total = services.page(
        reading(), current_actor(), language(), offset=page.offset, limit=page.size
    )
    return render_template(
        "notices/list.html",
        shown=shown,
        total=total,
        paging=page,
        unread=notices.unread_count(reading(), user.id),
    )


@blueprint.post("/notices/<int:notice_id>/open")
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Read it, and on to what it is about: a form, so that nothing that fetches links reads it."""
    user = require_user()
    with writing() as work:
        target = notices.mark_read(work, user.id, notice_id).url
    return redirect(request.script_root + target, 303)


@blueprint.post("/notices/read")
def read_all() -> ResponseReturnValue:
    user = require_user()
    with writing() as work:
        notices.mark_all_read(work, user.id, runtime().clock.now())
    return redirect(url_for("notices.listing"), 303)


def _unread() -> int:
    user = signed_in_user()
    return notices.unread_count(reading(), user.id) if user is not None else 0


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals["unread_notices"] = _unread

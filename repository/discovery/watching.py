"""The pages of what a reader keeps an eye on."""

from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from repository.accounts.identity import require_user, signed_in_user
from repository.core.errors import ValidationFailed
from repository.discovery import following, saved
from repository.discovery.blueprint import blueprint
from repository.web.context import reading, writing
from repository.web.forms import Form


@blueprint.get("/searches")
def searches() -> str:
    user = require_user()
    return render_template("discovery/searches.html", searches=saved.saved_by(reading(), user))


@blueprint.route("/searches/new", methods=["GET", "POST"])
def save_search() -> str | tuple[str, int] | Response:
    """The query string is the search to keep."""
    user, form = require_user(), Form({"name": request.args.get("q", "")[:200]})
    if request.method == "GET":
        return render_template("discovery/save_search.html", form=form)
    form = Form.sent()
    try:
        with writing() as work:
            asked = urlencode(list(request.args.items(multi=True)))
            saved.save(work, user, form.get("name"), asked, form.get("frequency"))
    except ValidationFailed as error:
        form.fail(error)
        return render_template("discovery/save_search.html", form=form), 400
    flash(_("The search is saved."))
    return redirect(url_for("discovery.searches"), 303)


@blueprint.post("/searches/<int:saved_id>")
def change_search(saved_id: int) -> Response:
    user = require_user()
    with writing() as work:
        if "delete" in request.form:
            saved.delete(work, user, saved_id)
        else:
            saved.change_frequency(work, user, saved_id, request.form.get("frequency", ""))
    return redirect(url_for("discovery.searches"), 303)


@blueprint.post("/records/<record_id>/follow")
def follow_record(record_id: str) -> Response:
    user = require_user()
    with writing() as work:
        if "stop" in request.form:
            following.unfollow(work, user, record_id)
        else:
            following.follow(work, user, record_id)
    back = request.form.get("version", record_id)
    return redirect(url_for("discovery.landing", record_id=back), 303)


@blueprint.app_template_global("is_followed")
def is_followed(record_id: str) -> bool:
    user = signed_in_user()
    return user is not None and following.follows(reading(), user, record_id)

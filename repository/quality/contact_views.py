"""The page where somebody says that they still answer for their data."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.access.documents import title_for
from repository.accounts.identity import current_actor, require_user
from repository.accounts.models import User
from repository.core.work import Work
from repository.i18n.locale import language
from repository.quality import contacts, services
from repository.web.context import reading, writing
from repository.web.limits import limiter, sign_in_limit

blueprint = Blueprint("contacts", __name__)


@blueprint.route(contacts.PAGE, methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"])
def contact() -> ResponseReturnValue:
    """By the mailed link or signed in. A button answers, not the link by itself: programs that
    check mails open links too. Who holds the link alone sees the titles that everybody may.
    """
    link = request.args.get("link", "")
    if request.method == "POST":
        with writing() as work:
            records = contacts.answer(work, _asked(work, link).id)
            services.assess_records(work, records[: services.BATCH])
        flash(_("Thank you. It is recorded that you answer for your data."))
        return redirect(url_for("contacts.contact", link=link or None), 303)
    work, actor = reading(), current_actor()
    user = _asked(work, link)
    found = [version.id for version in contacts.waiting(work, user.id)]
    titles = [(each, title_for(work, actor, each, language())) for each in found]
    return render_template(
        "quality/contact.html",
        shown=[(identifier, title) for identifier, title in titles if title],
        count=contacts.count_waiting(work, user.id),
        days=contacts.ANSWER_WITHIN.days,
        link=link or None,
    )


def _asked(work: Work, link: str) -> User:
    return contacts.opened(work, link) if link else require_user()


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)

"""Reviews: the queue, the conversation on a draft, and what both sides do."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor
from repository.core.errors import FieldError, PreconditionFailed, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import collections, reviews
from repository.deposit import drafts, listing, pointers
from repository.deposit import review as acts
from repository.deposit.checks import MAX_NAMED, access_of
from repository.deposit.views.blueprint import blueprint as deposit
from repository.i18n.locale import language
from repository.quality.checks.clean import personal_columns
from repository.quality.subjects import subject_of
from repository.records.access import AccessSettings
from repository.records.collections import CollectionRole
from repository.records.data_class import LABELS
from repository.records.grounds import find_ground
from repository.records.models import Draft, Version
from repository.records.reviews import Review
from repository.records.titles import title_of
from repository.web import paging
from repository.web.context import reading, writing
from repository.web.forms import Form
from repository.web.messages import translate

blueprint = Blueprint("reviews", __name__)
STATUS = {
    "submitted": N_("Waits for a curator"),
    "changes": N_("Changes asked for"),
    "accepted": N_("Accepted"),
    "declined": N_("Declined"),
    "cancelled": N_("Taken back"),
    "created": N_("Not submitted yet"),
}
STEPS = {
    "comment": N_("commented"),
    "suggestion": N_("suggested"),
    "submit": N_("submitted the draft"),
    "changes": N_("asked for changes"),
    "accept": N_("accepted and published"),
    "decline": N_("declined"),
    "cancel": N_("took the draft back"),
    "applied": N_("accepted a suggestion"),
    "undone": N_("undid a suggestion"),
}
FILES_SHOWN = 200


@blueprint.app_template_filter("review_word")
def review_word(status: str) -> str:
    return translate(STATUS.get(status, status), {})


@blueprint.app_template_filter("review_step")
def review_step(kind: str) -> str:
    return translate(STEPS.get(kind, kind), {})


@blueprint.app_template_filter("field_word")
def field_word(pointer: str) -> str:
    """What the form calls the field, or which file, that a pointer leads to."""
    label, rest = pointers.spoken(pointer)
    return f"{translate(label, {})} {rest}".strip()


blueprint.add_app_template_filter(pointers.as_text, "suggested_text")


@blueprint.get("/reviews")
def queue() -> str:
    """What waits for me: as a curator of collections, and as a depositor."""
    work, actor, page = reading(), require_actor(), paging.requested()
    status, collection = request.args.get("status", ""), request.args.get("collection", "")
    side, late = request.args.get("side", ""), bool(request.args.get("late"))
    rows, total = reviews.queue(
        work,
        actor,
        status=status,
        collection=collection,
        side=side,
        late=late,
        offset=page.offset,
        limit=page.size,
    )
    return render_template(
        "deposit/reviews.html",
        rows=rows,
        total=total,
        paging=page,
        status=status,
        collection=collection,
        collections=reviews.collections_in_queue(work, actor),
        side=side,
        late=late,
        statuses=STATUS,
        today=work.clock.now().date(),
        title_of=lambda draft: title_of(draft.metadata_json, language()) if draft else "",
    )


@blueprint.get("/reviews/<int:number>")
def show(number: int) -> str:
    return _page(number, Form())


def _page(number: int, form: Form) -> str:
    """The conversation, and what changed since the reader last did something here."""
    actor = require_actor()
    with writing() as work:
        acts.look(work, actor, reviews.find(work, actor, number), anew=False)
    work = reading()
    review = reviews.find(work, actor, number)
    draft = work.session.get(Draft, review.version_id)
    version = work.session.get_one(Version, review.version_id)
    metadata = draft.metadata_json if draft else version.metadata_json
    files = listing.draft_files(work, version.id, limit=FILES_SHOWN) if draft else []
    return render_template(
        "deposit/review.html",
        review=review,
        draft=draft,
        title=title_of(metadata, language()) or _("Untitled"),
        sides=reviews.sides_of(work, actor, review),
        events=reviews.events(work, review),
        fields=pointers.leaves(metadata),
        additions=pointers.ADDITIONS,
        now_at=lambda pointer: pointers.value_at(metadata, pointer),
        files=[file.path for file in files],
        law=_law(work, version, draft),
        changed=acts.changed_since(work, actor, review),
        fingerprint=acts.fingerprint(work, draft) if draft else "",
        form=form,
    )


def _law(work: Work, version: Version, draft: Draft | None) -> dict[str, Any]:
    """What the depositor says of access, terms and law, and what the tables seem to hold."""
    settings = access_of(draft.access)[0] if draft else AccessSettings.of(version)
    subject = subject_of(work, version, draft)
    return {
        "access": settings,
        "ground": find_ground(settings.personal_data.ground or ""),
        "class": LABELS[settings.data_class],
        "undeclared": [] if subject.personal_data else personal_columns(subject)[:MAX_NAMED],
    }


def _suggested(pointer: str, text: str) -> str | dict[str, str] | None:
    """The value that a text stands for: itself, or an entry of the list it is to be added to."""
    name, end = pointer.removeprefix("/metadata/").rpartition("/")[::2]
    if text and end == pointers.END and name in pointers.ADDITIONS:
        return {pointers.ADDITIONS[name]: text}
    return text or None


def _back(number: int, told: str) -> ResponseReturnValue:
    flash(told)
    return redirect(url_for("reviews.show", number=number), 303)


@blueprint.post("/reviews/<int:number>/comment")
def comment(number: int) -> ResponseReturnValue:
    form, actor = Form.sent(), require_actor()
    suggestion = _suggested(form.get("pointer"), form.get("suggestion"))
    try:
        with writing() as work:
            review = reviews.find(work, actor, number, lock=True)
            reviews.comment(
                work,
                actor,
                review,
                form.get("text"),
                pointer=form.get("pointer"),
                suggestion=suggestion,
            )
            acts.look(work, actor, review)
    except ValidationFailed as error:
        form.fail(error)
        return _page(number, form), error.status
    return _back(number, _("Your comment is sent."))


@blueprint.post("/reviews/<int:number>/suggestions/<int:event>/<any(apply, undo):act>")
def suggestion(number: int, event: int, act: str) -> ResponseReturnValue:
    actor = require_actor()
    with writing() as work:
        review = reviews.find(work, actor, number, lock=True)
        do = acts.apply_suggestion if act == "apply" else acts.undo_suggestion
        do(work, actor, review, event)
        acts.look(work, actor, review)
    told = _("The suggestion is in your draft.") if act == "apply" else _("It is as it was.")
    return _back(number, told)


@blueprint.post("/reviews/<int:number>/plan")
def plan(number: int) -> ResponseReturnValue:
    """The checklist and the day by which the review should be done."""
    form, actor = Form.sent(), require_actor()
    checked = [int(text) for text in form.chosen("checked") if text.isascii() and text.isdigit()]
    try:
        with writing() as work:
            review = reviews.find(work, actor, number, lock=True)
            reviews.plan(work, actor, review, checked=checked, due_on=_day(form.get("due_on")))
            acts.look(work, actor, review)
    except ValidationFailed as error:
        form.fail(error)
        return _page(number, form), error.status
    return _back(number, _("Saved."))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        message = N_("Write a date such as 2027-01-31.")
        raise ValidationFailed(errors=[FieldError("/due_on", message)]) from error


@blueprint.post("/reviews/<int:number>/<any(changes, decline, cancel, seen):act>")
def step(number: int, act: str) -> ResponseReturnValue:
    actor, text = require_actor(), request.form.get("text", "")
    do = {"changes": reviews.send_back, "decline": reviews.decline, "cancel": reviews.cancel}
    with writing() as work:
        review = reviews.find(work, actor, number, lock=True)
        if act in do:
            do[act](work, actor, review, text)
        acts.look(work, actor, review)
    told = {
        "changes": _("The depositor is asked for changes."),
        "decline": _("The submission is declined."),
        "cancel": _("The draft is yours alone again."),
        "seen": _("What changes from now on will be marked."),
    }
    return _back(number, told[act])


@blueprint.post("/reviews/<int:number>/accept")
def accept(number: int) -> ResponseReturnValue:
    """Publish what was looked at; when it was changed since, show what changed instead."""
    actor, looked_at = require_actor(), request.form.get("fingerprint", "")
    form = Form.sent()
    try:
        with writing() as work:
            review = reviews.find(work, actor, number, lock=True)
            version = acts.accept(work, actor, review, looked_at=looked_at, text=form.get("text"))
            identifier = version.id
    except (PreconditionFailed, ValidationFailed) as error:
        form.fail(error)
        form.problem = translate(error.message, error.params)
        return _page(number, form), error.status
    flash(_("It is accepted and published."))
    return redirect(url_for("discovery.landing", record_id=identifier), 303)


@deposit.route("/<id>/submit", methods=["GET", "POST"])
def submit(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    """Choose a collection and hand the draft to it."""
    actor, form = require_actor(), Form.sent() if request.method == "POST" else Form()
    if request.method == "POST":
        try:
            with writing() as work:
                acts.choose(work, actor, id, form.get("community"))
                review = acts.submit(work, actor, id, form.get("text"))
                number, published = review.id, review.status == "accepted"
        except ValidationFailed as error:
            form.fail(error)
            form.problem = translate(error.message, error.params)
            form.errors |= {e.pointer: translate(e.message, e.params) for e in error.errors}
        else:
            if published:
                flash(_("It is published, in the collection."))
                return redirect(url_for("discovery.landing", record_id=id), 303)
            return _back(number, _("It is submitted. You are told when a curator has looked."))
    page = _submit_page(id, form)
    return (page, ValidationFailed.status) if form.failed else page


def _submit_page(version_id: str, form: Form) -> str:
    work, actor = reading(), require_actor()
    draft = drafts.get_draft(work, actor, version_id)
    review: Review | None = reviews.of_version(work, version_id)
    text = request.args.get("q", "")
    found, total = collections.listed(work, text=text, limit=50)
    mine = {each.id for each in collections.of_member(work, actor, CollectionRole.SUBMITTER)}
    if review is not None and not form.get("community"):
        form.values = {**form.values, "community": review.collection.slug}
    return render_template(
        "deposit/submit.html",
        draft=draft,
        title=title_of(draft.metadata_json, language()) or _("Untitled"),
        review=review,
        collections=[c for c in found if c.submission != "members" or c.id in mine],
        total=total,
        text=text,
        form=form,
    )

"""The deposit form: shown, sent whole, and saved piece by piece by its script."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from repository.accounts.identity import require_actor
from repository.core.errors import (
    Conflict,
    FieldError,
    NotFound,
    PreconditionFailed,
    ValidationFailed,
)
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import reviews
from repository.deposit import beside, drafts, intakes, listing, upload_rows
from repository.deposit.checks import access_of, find_problems
from repository.deposit.classes import NOT_LOWER, class_of, may_lower
from repository.deposit.form.actions import change
from repository.deposit.form.choices import Choices
from repository.deposit.form.page import FormPage, Typed
from repository.deposit.form.schema import FORM, SECTIONS
from repository.deposit.form.suggesting import look, suggestions, take
from repository.deposit.room import room_for
from repository.deposit.views.blueprint import blueprint
from repository.deposit.views.files import FILES_SHOWN, just_removed
from repository.i18n.locale import language
from repository.quality.views import of_draft
from repository.records.access import AccessSettings
from repository.records.metadata import Problem
from repository.records.models import Draft, State
from repository.records.titles import title_of
from repository.web import markdown
from repository.web.context import reading, writing
from repository.web.messages import translate

ANSWERS = ("reply:", "apply:", "undo:")
NEXT = {"preview": "deposit.preview", "publish": "deposit.publish"}
MAX_MARKDOWN = 200_000


@blueprint.get("/<id>")
def edit(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    """The form with what was saved last, and what is missing beside each field."""
    work = reading()
    draft = drafts.get_draft(work, require_actor(), id)
    return _page(work, draft, FormPage.of(draft))


@blueprint.post("/<id>")
def send(id: str) -> ResponseReturnValue:  # noqa: A002
    """Without a script: save, then do what the button says. What was typed comes back whatever
    happens: saved, or in the form.
    """
    draft = drafts.get_draft(reading(), require_actor(), id)
    form = FormPage.typed(request.form.items(multi=True), draft)
    action = request.form.get("do", "save")
    if action == "copy":
        return _copy(id, form)
    shown = change(form.row, FORM, action) or _suggest(form, action)
    try:
        draft, whole = _save(id, form, _revision(request.form.get("revision")))
    except PreconditionFailed as error:
        return _page(reading(), draft, form, overtaken=True), error.status
    if shown is not None:
        return _page(reading(), draft, form, shown=shown)
    if not whole:
        return _page(reading(), draft, form), ValidationFailed.status
    if action.startswith("fill:"):
        identifier = request.form.get(action.removeprefix("fill:"), "")
        return redirect(url_for("deposit.fill", id=id, identifier=identifier[:300]))
    if action.startswith(ANSWERS):
        return _answer(id, action, request.form)
    if action not in NEXT:
        flash(_("Saved."))
    return redirect(url_for(NEXT.get(action, "deposit.edit"), id=id))


def _answer(version_id: str, action: str, sent: Mapping[str, str]) -> ResponseReturnValue:
    """Answer what a review said beside a field, and come back to it; what is refused is typed
    still where the browser goes back.
    """
    act, _colon, number = action.partition(":")
    if not (number.isascii() and number.isdigit()):
        raise NotFound
    text = sent.get(f"said/{number}", "").strip()
    try:
        with writing() as work:
            beside.answer(work, require_actor(), version_id, act, int(number[:9]), text)
    except (ValidationFailed, Conflict) as error:
        wrong = error.errors[0] if error.errors else error
        flash(translate(wrong.message, wrong.params), "danger")
    return redirect(url_for("deposit.edit", id=version_id, _anchor=f"said-{number}"), 303)


def _suggest(form: FormPage, action: str) -> str | None:
    """Look terms up in the lists, or take one; the name of the row to show then."""
    what, _colon, where = action.partition(":")
    if what == "suggest":
        form.suggestions[where] = look(reading(), form.row, where, language())
        return where.rpartition("/")[0]
    return take(reading(), form.row, where, language()) if what == "take" else None


@blueprint.get("/suggest")
def suggest() -> ResponseReturnValue:
    """Terms for a script to offer while somebody types."""
    require_actor()
    kind, typed = request.args.get("of", ""), request.args.get("q", "")
    return jsonify([asdict(s) for s in suggestions(reading(), kind, typed, language())])


@blueprint.put("/<id>/draft")
def autosave(id: str) -> ResponseReturnValue:  # noqa: A002
    """Save what the script sends: `{revision, fields: [[name, value], …]}`.

    Answers with the new revision and what is still wrong; `whole` is false when something typed
    could not be kept, so that the browser goes on keeping it.
    """
    fields, revision = _sent()
    draft = drafts.get_draft(reading(), require_actor(), id)
    form = FormPage.typed(fields, draft)
    draft, whole = _save(id, form, revision)
    form.place(_problems(draft, form))
    return jsonify(
        revision=draft.revision,
        saved_at=draft.updated_at.isoformat(),
        whole=whole,
        quality=of_draft(draft),
        problems=[
            {
                "where": where,
                "message": translate(problem.message, problem.params),
                "blocking": problem.severity == "error",
            }
            for where, problems in form.problems.items()
            for problem in problems
        ],
    )


def _problems(draft: Draft, form: FormPage) -> list[Problem]:
    """What is wrong with what was saved, and what could not be saved for being wrong."""
    found = find_problems(reading(), draft)
    known = {problem.pointer for problem in found}
    access, wrong = access_of(form.content().access)
    if access.data_class.is_below(class_of(draft)):
        wrong = [*wrong, FieldError("/access/data_class", NOT_LOWER)]
    return found + [
        Problem(e.pointer, e.message, e.params) for e in wrong if e.pointer not in known
    ]


def _sent() -> tuple[list[tuple[str, str]], int]:
    body = request.get_json(silent=True)
    match body:
        case {"fields": [*fields], "revision": int() as revision} if all(
            isinstance(f, list) and len(f) == 2 and all(isinstance(part, str) for part in f)
            for f in fields
        ):
            return [(name, value) for name, value in fields], revision
    message = N_("Send an object with the revision and a list of names and values.")
    raise ValidationFailed(errors=[FieldError("/fields", message)])


def _revision(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 9:
        message = N_("Reload the page; it does not say which state it started from.")
        raise ValidationFailed(errors=[FieldError("/revision", message)])
    return int(text)


def _save(id: str, form: FormPage, revision: int) -> tuple[Draft, bool]:  # noqa: A002
    """Save, and say whether all of it could be. Nothing is written when nothing changed.

    Raises PreconditionFailed.
    """
    typed = form.content()
    access = _readable(typed)
    with writing() as work:
        draft = drafts.get_draft(work, require_actor(), id, lock=True)
        if draft.revision == revision and _same(draft, typed):
            return draft, access is not None
        whole = access is not None and _with_own_class(draft, access)
        draft = drafts.save_draft(
            work,
            require_actor(),
            id,
            metadata=typed.metadata,
            access=access,
            files_enabled=typed.files_enabled,
            expected_revision=revision,
        )
    return draft, whole


def _with_own_class(draft: Draft, access: AccessSettings) -> bool:
    """Leave the class of the data where it is for those who may not lower it; whether it is as
    they chose. The rest of what they typed is kept.
    """
    before = class_of(draft)
    if not access.data_class.is_below(before) or may_lower(require_actor()):
        return True
    access.data_class = before
    return False


def _same(draft: Draft, typed: Typed) -> bool:
    return FormPage.of(draft).content() == typed


def _readable(typed: Typed) -> AccessSettings | None:
    """Access settings that can be kept; a day that is none is the only way for them not to be."""
    settings, wrong = access_of(typed.access)
    day = typed.access.get("embargo", {}).get("until")
    is_no_day = any(error.pointer == "/access/embargo/until" for error in wrong)
    return None if day and is_no_day else settings


def _copy(id: str, form: FormPage) -> Response:  # noqa: A002
    typed = form.content()
    with writing() as work:
        copy = drafts.copy_draft(
            work, require_actor(), id, typed.metadata, access_of(typed.access)[0]
        )
    return redirect(url_for("deposit.edit", id=copy.version_id), 303)


@blueprint.post("/<id>/copy")
def copy(id: str) -> ResponseReturnValue:  # noqa: A002
    """Keep what a window that was overtaken holds, as a draft of its own; its address."""
    fields, _revision_started = _sent()
    draft = drafts.get_draft(reading(), require_actor(), id)
    answer = _copy(id, FormPage.typed(fields, draft))
    return jsonify(url=answer.location)


@blueprint.post("/<id>/markdown")
def preview_markdown(id: str) -> ResponseReturnValue:  # noqa: A002
    """A description as readers will see it."""
    return jsonify(html=markdown.to_html(request.form.get("text", "")[:MAX_MARKDOWN]))


def _page(
    work: Work, draft: Draft, form: FormPage, *, shown: str = "", overtaken: bool = False
) -> str:
    form.place([] if overtaken else _problems(draft, form))
    said_at, said_of_files = beside.said(work, require_actor(), draft, form)
    count, size = listing.count_files(work, draft.version_id)
    context: dict[str, Any] = {
        "draft": draft,
        "version": draft.version,
        "title": title_of(draft.metadata_json, language()) or _("Untitled"),
        "form": form,
        "review": reviews.of_version(work, draft.version_id),
        "said_at": said_at,
        "said_of_files": said_of_files,
        "sections": SECTIONS,
        "can_fill": work.settings.prefill,
        "choices": Choices(language(), _),
        "files": listing.draft_files(work, draft.version_id, limit=FILES_SHOWN),
        "file_count": count,
        "file_bytes": size,
        "room": room_for(work, draft.version) if draft.version.state == State.DRAFT else None,
        "unfinished": upload_rows.under_way(work, draft.version_id),
        "intakes": intakes.listed(work, draft.version_id),
        "upload_part_size": work.settings.upload_part_size,
        "just_removed": just_removed,
        "shown": shown,
        "overtaken": overtaken,
        "sent_revision": request.form.get("revision") if overtaken else draft.revision,
    }
    return render_template("deposit/edit.html", **context)

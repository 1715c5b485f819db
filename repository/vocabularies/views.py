"""The curators' pages of vocabularies: lists, versions, terms, and imports."""

from typing import Any, BinaryIO, cast

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from repository.accounts.identity import require_actor
from repository.accounts.models import Actor, Scope, User
from repository.core.errors import FieldError, NotFound, TooLarge, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.vocabularies import exporting, staging
from repository.vocabularies.files import MAX_FILE, ROR
from repository.vocabularies.loading import Description
from repository.vocabularies.models import ImportState, Kind, Term, Vocabulary
from repository.vocabularies.subjects import key_of
from repository.vocabularies.terms import (
    ancestors,
    children,
    found_by,
    term_of,
    versions_of,
    vocabularies,
    vocabulary_of,
)
from repository.web import paging
from repository.web.context import reading, runtime, writing
from repository.web.forms import Form
from repository.web.limits import takes_files
from repository.web.messages import translate
from storage.base import SizeMismatch

blueprint = Blueprint("vocabularies", __name__, url_prefix="/admin/vocabularies")
KINDS = {
    Kind.SUBJECTS: N_("Classifications and subjects"),
    Kind.AFFILIATIONS: N_("Organisations"),
    Kind.FUNDERS: N_("Funders"),
    Kind.AWARDS: N_("Projects and grants"),
    Kind.CODES: N_("Codes of the metadata model"),
}
STATES = {
    ImportState.READING: N_("being compared with the list"),
    ImportState.READY: N_("to be looked at"),
    ImportState.RUNNING: N_("being brought in"),
    ImportState.DONE: N_("done"),
    ImportState.FAILED: N_("refused"),
    ImportState.DISCARDED: N_("discarded"),
}
PARTS = {
    "label_vi": N_("Vietnamese label"),
    "label_en": N_("English label"),
    "uri": N_("Address"),
    "parent": N_("Broader term"),
    "retired": N_("No longer in force"),
    "replaced_by": N_("Replaced by"),
}
STEPS = {"start": staging.start, "discard": staging.discard}
_NO_FILE = N_("Choose a file that ends in .csv, .ttl, .rdf or .jsonld.")


def _curator(scope: Scope = Scope.READ) -> Actor:
    actor = require_actor()
    staging.require_curator(actor, scope)
    return actor


@blueprint.get("")
def index() -> str:
    """All lists, and what was imported here; the form to import."""
    _curator()
    name = request.args.get("list", "")
    return _index(Form({"name": name, "whole": "1", "kind": Kind.SUBJECTS.value}))


def _index(form: Form) -> str:
    work, page = reading(), paging.requested()
    imports, total = staging.listed(work, offset=page.offset, limit=page.size)
    lists = vocabularies(work)
    return render_template(
        "vocabularies/index.html",
        form=form,
        by_kind={kind: [v for v in lists if v.kind == kind] for kind in KINDS},
        open_lists=[v for v in lists if not v.closed],
        ror=ROR,
        imports=imports,
        names=_names(work, [each.user_id for each in imports]),
        total=total,
        paging=page,
        kinds=KINDS,
        kind_options=[(k.value, _(KINDS[k])) for k in KINDS if k is not Kind.CODES],
        states=STATES,
        most=MAX_FILE >> 20,
    )


def _names(work: Work, ids: list[int | None]) -> dict[int, str]:
    query = select(User.id, User.name).where(User.id.in_({each for each in ids if each}))
    return dict(work.session.execute(query).tuples().all())


@blueprint.post("")
@takes_files(MAX_FILE + (1 << 20))
def send() -> ResponseReturnValue:
    """Take a file; what it would change is shown before anything does."""
    actor, form = _curator(Scope.PUBLISH), Form.sent()
    told = Description(
        form.get("name").lower(),
        kind=form.get("kind") or Kind.SUBJECTS.value,
        title_vi=form.get("title_vi")[:500],
        title_en=form.get("title_en")[:500],
        scheme=form.get("scheme")[:200],
        scheme_uri=form.get("scheme_uri")[:500],
    )
    try:
        number = _sent(actor, told, form)
    except (ValidationFailed, TooLarge) as error:
        form.fail(error)
        return _index(form), error.status
    return redirect(url_for("vocabularies.show_import", import_id=number), 303)


def _sent(actor: Actor, told: Description, form: Form) -> int:
    """The file goes into the store before the transaction that points at it."""
    file = request.files.get("file")
    staging.check(reading(), told, form.get("version"))
    if file is None or not file.filename:
        raise ValidationFailed(errors=[FieldError("/file", _NO_FILE)])
    try:
        stored = runtime().store.write(cast("BinaryIO", file.stream), max_size=MAX_FILE)
    except SizeMismatch:
        raise TooLarge(limit=MAX_FILE) from None
    with writing() as work:
        return staging.begin(
            work,
            actor,
            told,
            form.get("version"),
            stored,
            file.filename,
            whole=bool(form.get("whole")),
            by_prefix=bool(form.get("by_prefix")),
        ).id


@blueprint.get("/imports/<int:import_id>")
def show_import(import_id: int) -> str:
    """What an import would change, how far it is, or why the file was refused."""
    _curator()
    work = reading()
    staged = staging.found(work, import_id)
    failure = staged.failure
    return render_template(
        "vocabularies/import.html",
        staged=staged,
        names=_names(work, [staged.user_id]),
        failure=translate(failure["message"], failure["params"]) if failure else "",
        parts=PARTS,
        states=STATES,
        under_way=staged.state in (ImportState.READING, ImportState.RUNNING),
    )


@blueprint.post("/imports/<int:import_id>/<step>")
def take_step(import_id: int, step: str) -> ResponseReturnValue:
    """Bring it in, or drop it."""
    actor = _curator(Scope.PUBLISH)
    if step not in STEPS:
        raise NotFound
    with writing() as work:
        STEPS[step](work, actor, import_id)
    if step == "discard":
        flash(_("The import was discarded; nothing has changed."))
        return redirect(url_for("vocabularies.index"), 303)
    return redirect(url_for("vocabularies.show_import", import_id=import_id), 303)


@blueprint.get("/<vocabulary>")
def show(vocabulary: str) -> str:
    """A list's versions, and its terms: those that words find, those below one, or all."""
    _curator()
    work, page = reading(), paging.requested(size=50)
    known = vocabulary_of(work, vocabulary)
    typed, retired = request.args.get("q", "").strip()[:200], bool(request.args.get("retired"))
    terms, total = found_by(
        work,
        typed,
        vocabulary=known.id,
        retired=retired,
        offset=page.offset,
        limit=page.size,
    )
    versions = versions_of(work, known.id)
    return render_template(
        "vocabularies/show.html",
        vocabulary=known,
        versions=versions,
        names=_names(work, [each.user_id for each in versions]),
        terms=terms,
        total=total,
        paging=page,
        typed=typed,
        retired=retired,
        kinds=KINDS,
    )


@blueprint.get("/<vocabulary>/terms.csv")
def table(vocabulary: str) -> Response:
    """The whole list, to be edited and imported again."""
    _curator()
    with runtime().read() as work:
        lines = "".join(exporting.as_csv(work, vocabulary_of(work, vocabulary)))
    name = f'attachment; filename="{vocabulary}.csv"'
    headers = {"Content-Disposition": name}
    return Response(lines, content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.route("/<vocabulary>/terms/<path:term>", methods=["GET", "POST"])
def show_term(vocabulary: str, term: str) -> ResponseReturnValue:
    """One term: where it stands in the list, and which code took its place."""
    if request.method == "GET":
        _curator()
        return _term(vocabulary, term, None)
    actor, form = _curator(Scope.PUBLISH), Form.sent()
    try:
        with writing() as work:
            staging.map_term(work, actor, vocabulary, term, form.get("newer"))
    except ValidationFailed as error:
        form.fail(error)
        return _term(vocabulary, term, form), error.status
    flash(_("Saved."))
    return redirect(url_for("vocabularies.show_term", vocabulary=vocabulary, term=term), 303)


def _term(vocabulary: str, code: str, form: Form | None) -> str:
    work = reading()
    known = vocabulary_of(work, vocabulary)
    term = term_of(work, known.id, code)
    if term is None:
        raise NotFound
    return render_template("vocabularies/term.html", **_shown(work, known, term, form))


def _shown(work: Work, vocabulary: Vocabulary, term: Term, form: Form | None) -> dict[str, Any]:
    return {
        "vocabulary": vocabulary,
        "term": term,
        "key": key_of(vocabulary.id, term.code),
        "above": ancestors(work, term),
        "below": children(work, vocabulary.id, term.code),
        "may_merge": vocabulary.kind == Kind.SUBJECTS,
        "form": form or Form({"newer": term.replaced_by}),
    }


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)

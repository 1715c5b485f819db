"""Imports that a curator looks at before they happen: a file is sent, a job compares it with the
list, and another brings it in once somebody said so.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlalchemy import func, select

from repository.accounts.models import Actor, Scope
from repository.audit.services import log
from repository.core.errors import (
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    RepositoryError,
    ValidationFailed,
)
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.records.contents import ensure_content
from repository.vocabularies.comparing import compare
from repository.vocabularies.files import ROR, check_name, load_file, sources
from repository.vocabularies.loading import Description, refuse_closed
from repository.vocabularies.models import ImportState, Kind, Term, Vocabulary, VocabularyImport
from repository.vocabularies.terms import term_of
from storage.base import Stored

LOOK, BRING_IN = "vocabularies.look", "vocabularies.import"
OPTIONS = ("by_prefix", "whole")
_LATER = N_("This import is not at a point where that can be done; look at it again.")


def require_curator(actor: Actor, scope: Scope = Scope.READ) -> None:
    """Raises Forbidden."""
    if not actor.is_curator or scope not in actor.scopes:
        raise Forbidden(N_("Vocabularies are for curators."))


def check(work: Work, told: Description, version: str) -> None:
    """What can be said before a byte of the file is kept. Raises ValidationFailed."""
    check_name(told.id)
    refuse_closed(told, work.session.get(Vocabulary, told.id))
    if told.kind not in set(Kind) - {Kind.CODES}:
        raise ValidationFailed(errors=[FieldError("/kind", N_("Choose one of the list."))])
    if told.id == ROR and not version.strip():
        message = N_("Say what this state of the list is called, such as 2026.")
        raise ValidationFailed(errors=[FieldError("/version", message)])


def begin(
    work: Work,
    actor: Actor,
    told: Description,
    version: str,
    stored: Stored,
    filename: str,
    **options: bool,
) -> VocabularyImport:
    """Keep what was sent, and have it compared. Raises ValidationFailed."""
    require_curator(actor, Scope.PUBLISH)
    check(work, told, version)
    ensure_content(work, stored)
    made = VocabularyImport(
        vocabulary_id=told.id,
        version=version.strip()[:100],
        told=asdict(told) | {name: options.get(name, False) for name in OPTIONS},
        filename=filename[-255:],
        sha256=stored.sha256,
        state=ImportState.READING.value,
        user_id=actor.user_id,
        at=work.clock.now(),
    )
    work.session.add(made)
    work.session.flush()
    log(work, actor.user_id, "vocabulary.send", "vocabulary", told.id, version=made.version)
    _ask(work, made, LOOK)
    return made


def _ask(work: Work, staged: VocabularyImport, job: str) -> None:
    work.enqueue(job, f"{job}:{staged.id}", {"import": staged.id})


def found(work: Work, number: int, *, lock: bool = False) -> VocabularyImport:
    """Raises NotFound."""
    staged = work.session.get(VocabularyImport, number, with_for_update=lock or None)
    if staged is None:
        raise NotFound
    return staged


def listed(work: Work, *, offset: int, limit: int) -> tuple[list[VocabularyImport], int]:
    """All imports that were sent here, the newest first."""
    query = select(VocabularyImport).order_by(VocabularyImport.id.desc())
    total = work.session.scalar(select(func.count()).select_from(VocabularyImport)) or 0
    return list(work.session.scalars(query.offset(offset).limit(limit))), total


def start(work: Work, actor: Actor, number: int) -> VocabularyImport:
    """Have it brought in. Raises Conflict where it was not compared, or is under way already."""
    staged = _step(work, actor, number, ImportState.RUNNING, ImportState.READY)
    staged.done = 0
    _ask(work, staged, BRING_IN)
    return staged


def discard(work: Work, actor: Actor, number: int) -> VocabularyImport:
    return _step(work, actor, number, ImportState.DISCARDED, ImportState.READING, ImportState.READY)


def _step(
    work: Work, actor: Actor, number: int, after: ImportState, *before: ImportState
) -> VocabularyImport:
    require_curator(actor, Scope.PUBLISH)
    staged = found(work, number, lock=True)
    if staged.state not in before:
        raise Conflict(_LATER)
    staged.state, staged.user_id = after.value, actor.user_id
    log(work, actor.user_id, f"vocabulary.{after.value}", "vocabulary", staged.vocabulary_id)
    return staged


def map_term(work: Work, actor: Actor, vocabulary: str, code: str, newer: str) -> Term:
    """Say which code of the same list took an old one's place; empty takes that back.

    Whoever publishes the old code gets the new one. Raises NotFound, ValidationFailed.
    """
    require_curator(actor, Scope.PUBLISH)
    term, known = term_of(work, vocabulary, code), work.session.get(Vocabulary, vocabulary)
    if term is None or known is None:
        raise NotFound
    refuse_closed(Description(vocabulary), known)
    newer = newer.strip().removeprefix(f"{vocabulary}:")
    comes = term_of(work, vocabulary, newer) if newer else None
    wrong = ""
    if newer and comes is None:
        wrong = N_("This list has no term with the code %(code)s.")
    elif comes is not None and _leads_to(work, comes, term):
        wrong = N_("The code %(code)s is itself replaced by this one.")
    if wrong:
        raise ValidationFailed(errors=[FieldError("/newer", wrong, {"code": newer})])
    before = term.replaced_by
    term.replaced_by = newer
    if newer or before:
        term.retired = bool(newer)
    log(work, actor.user_id, "vocabulary.map", "vocabulary", vocabulary, old=code, new=newer)
    return term


def _leads_to(work: Work, term: Term, wanted: Term) -> bool:
    seen: set[int] = set()
    while term.id != wanted.id and term.id not in seen and term.replaced_by:
        seen.add(term.id)
        following = term_of(work, term.vocabulary_id, term.replaced_by)
        if following is None:
            return False
        term = following
    return term.id == wanted.id


@dataclass(frozen=True)
class Sent:
    """What was sent: the list, its file on this machine, the version's name, and what to do."""

    told: Description
    path: Path
    version: str
    by_prefix: bool
    whole: bool
    user_id: int | None


def look(runtime: Runtime, number: int) -> None:
    """Compare the file with the list as it is now; may run twice."""

    def act(sent: Sent) -> dict[str, Any]:
        parts = sources(sent.told, sent.path, sent.version, by_prefix=sent.by_prefix)
        differences: dict[str, Any] = {}
        for source in parts:
            with runtime.read() as work:
                differences[source.told.id] = compare(work, source, whole=sent.whole).as_json()
        total = sum(each["total"] for each in differences.values())
        ready = {"state": ImportState.READY.value, "version": parts[0].version[:100]}
        return ready | {"found": differences, "total": total}

    _with_file(runtime, number, ImportState.READING, act)


def bring_in(runtime: Runtime, number: int) -> None:
    """Load the file; an import that was killed is done again, whole."""
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count
        _settle(runtime, number, ImportState.RUNNING, {"done": done})

    def act(sent: Sent) -> dict[str, Any]:
        load_file(
            runtime,
            sent.told,
            sent.path,
            sent.version,
            by_prefix=sent.by_prefix,
            whole=sent.whole,
            user_id=sent.user_id,
            progress=progress,
        )
        return {"state": ImportState.DONE.value}

    _with_file(runtime, number, ImportState.RUNNING, act)


def _with_file(
    runtime: Runtime, number: int, during: ImportState, act: Callable[[Sent], dict[str, Any]]
) -> None:
    """Do `act` and write what it gives; a refusal of the file becomes the import's."""
    with runtime.read() as work:
        staged = found(work, number)
        told = dict(staged.told)
    if staged.state != during.value:
        return
    options = {name: bool(told.pop(name)) for name in OPTIONS}
    with NamedTemporaryFile(suffix=Path(staged.filename).suffix) as file:
        for chunk in runtime.store.read(staged.sha256):
            file.write(chunk)
        file.flush()
        path, description = Path(file.name), Description(**told)
        sent = Sent(description, path, staged.version, user_id=staged.user_id, **options)
        try:
            after = act(sent)
        except RepositoryError as error:
            wrong = error.errors[0] if error.errors else error
            params = {name: str(value) for name, value in wrong.params.items()}
            failure = {"message": wrong.message, "params": params}
            after = {"state": ImportState.FAILED.value, "failure": failure}
    _settle(runtime, number, during, after)


def _settle(runtime: Runtime, number: int, during: ImportState, values: dict[str, Any]) -> None:
    """Write how far it has come, unless somebody dropped it meanwhile."""
    with runtime.work() as work:
        staged = found(work, number, lock=True)
        if staged.state == during.value:
            for name, value in values.items():
                setattr(staged, name, value)

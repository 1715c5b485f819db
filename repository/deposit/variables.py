"""What the columns of a table mean, in its depositor's words."""

from collections.abc import Sequence
from typing import Any

from repository.access.files import variables_of
from repository.access.rules import Action
from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.deposit.drafts import get_draft
from repository.deposit.placing import find_file
from repository.records.document import Variable
from repository.records.models import File, State, TableProfile

LENGTHS = {"name": 200, "label": 300, "description": 2000, "unit": 100, "concept": 1000}
MAX_VARIABLES = 1000


def table_profile(work: Work, file: File) -> TableProfile | None:
    return work.session.get(TableProfile, file.sha256) if file.sha256 else None


def described(work: Work, actor: Actor, version_id: str, path: str) -> Sequence[Variable]:
    """The columns of a draft's file as they were found and described. Raises NotFound."""
    get_draft(work, actor, version_id, Action.VIEW)
    file = draft_file(work, version_id, path)
    profile = table_profile(work, file)
    return variables_of(file, profile.variables if profile else [])


def draft_file(work: Work, version_id: str, path: str) -> File:
    file = find_file(work, version_id, path)
    if file is None or not file.committed:
        raise NotFound(N_("There is no file %(path)s in this draft."), path=path)
    return file


def describe_variables(
    work: Work, actor: Actor, version_id: str, path: str, variables: object
) -> File:
    """Keep what is said of the columns, in place of what was said before.

    `variables` is a list of objects with `name` and any of the other words of LENGTHS. The bytes
    of a published file never change, but what is said of them may, at once. Raises
    ValidationFailed, NotFound, Forbidden.
    """
    draft = get_draft(work, actor, version_id, Action.EDIT, lock=True)
    file = draft_file(work, version_id, path)
    profile = table_profile(work, file)
    known = {each["name"] for each in profile.variables} if profile else set()
    told = _checked(variables, known)
    stated = {
        each["name"]: each["type"]
        for each in file.description.get("variables") or []
        if isinstance(each, dict) and each.get("name") and each.get("type")
    }
    for each in told:
        if each["name"] in stated:
            each["type"] = stated[each["name"]]
    file.description = {**file.description, "variables": told}
    file.updated_at = work.clock.now()
    log(work, actor.user_id, "file.describe", "version", version_id)
    if draft.version.state == State.PUBLISHED:
        draft.version.updated_at = work.clock.now()
        work.changed(draft.version.record_id)
    return file


def _checked(variables: object, known: set[str]) -> list[dict[str, str]]:
    if not isinstance(variables, list) or len(variables) > MAX_VARIABLES:
        message = N_("Send a list of at most %(limit)s variables.")
        raise ValidationFailed(errors=[FieldError("/variables", message, {"limit": MAX_VARIABLES})])
    errors: list[FieldError] = []
    made: dict[str, dict[str, str]] = {}
    for at, each in enumerate(variables):
        one = _one(each, f"/variables/{at}", known, errors)
        if one.get("name"):
            made[one["name"]] = one
    if errors:
        raise ValidationFailed(errors=errors)
    return list(made.values())


def _one(each: Any, at: str, known: set[str], errors: list[FieldError]) -> dict[str, str]:
    if not isinstance(each, dict) or not isinstance(each.get("name"), str) or not each["name"]:
        errors.append(FieldError(f"{at}/name", N_("Name the column.")))
        return {}
    if known and each["name"] not in known:
        message = N_("The table has no column %(column)s.")
        errors.append(FieldError(f"{at}/name", message, {"column": each["name"][:100]}))
    made: dict[str, str] = {}
    for key, most in LENGTHS.items():
        value = each.get(key) or ""
        if not isinstance(value, str) or len(value) > most:
            message = N_("A text of at most %(limit)s characters.")
            errors.append(FieldError(f"{at}/{key}", message, {"limit": most}))
        elif value.strip() or key == "name":
            made[key] = value if key == "name" else value.strip()
    concept = made.get("concept", "")
    if concept and not concept.startswith(("https://", "http://")):
        message = N_("Write the whole address of the term, from https:// on.")
        errors.append(FieldError(f"{at}/concept", message))
    return made

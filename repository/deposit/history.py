"""What changed from one published revision of a version to the next, in words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from repository.accounts.models import User
from repository.core.work import Work
from repository.deposit.form.choices import Choices
from repository.deposit.form.rows import Field, Group, Row, encode, is_shown, kept
from repository.deposit.form.schema import FORM
from repository.records.metadata import accept
from repository.records.models import Revision, Version

MAX_REVISIONS = 200


@dataclass(frozen=True)
class Difference:
    """One field: a msgid, or a name out of the JSON, and what went and what came."""

    label: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One publication; the first has no differences."""

    revision: int
    at: datetime
    by: str
    differences: tuple[Difference, ...]


def history(work: Work, version: Version, choices: Choices) -> list[Step]:
    """The publications of a version, the newest first; the caller asked whether it may be seen."""
    query = (
        select(Revision, User.name)
        .outerjoin(User, User.id == Revision.user_id)
        .where(Revision.version_id == version.id)
        .order_by(Revision.revision.desc())
        .limit(MAX_REVISIONS)
    )
    rows = list(work.session.execute(query))
    steps = []
    for index, (revision, name) in enumerate(rows):
        before = rows[index + 1][0] if index + 1 < len(rows) else None
        found = tuple(differences(before, revision, choices)) if before else ()
        steps.append(Step(revision.revision, revision.at, name or "", found))
    return steps


def differences(before: Revision, after: Revision, choices: Choices) -> Iterator[Difference]:
    """Field by field in the order of the form, then what the form does not show."""
    old, new = (encode(_content(revision), FORM) for revision in (before, after))
    for part in FORM.fields:
        yield from _compared(part.label, _value(part, old, choices), _value(part, new, choices))
    for group in FORM.groups:
        texts = [[_text(row, group, choices) for row in kept(form, group)] for form in (old, new)]
        yield from _compared(group.label, *texts)
    old_rest, new_rest = old.rest.get("metadata", {}), new.rest.get("metadata", {})
    for key in sorted({*old_rest, *new_rest}):
        yield from _compared(key, _json(old_rest.get(key)), _json(new_rest.get(key)))


def _content(revision: Revision) -> dict[str, Any]:
    return {"metadata": accept(revision.metadata_json), "access": revision.access}


def _compared(label: str, old: list[str], new: list[str]) -> Iterator[Difference]:
    removed = tuple(text for text in old if text not in new)
    added = tuple(text for text in new if text not in old)
    if removed or added:
        yield Difference(label, removed, added)
    elif old != new:
        yield Difference(label, tuple(old), tuple(new))


def _value(part: Field, row: Row, choices: Choices) -> list[str]:
    value = row.get(part.name)
    if part.choices and (value or part.kind == "choice"):
        return [choices.label(part.choices, value)]
    return [value] if value else []


def _text(row: Row, group: Group, choices: Choices) -> str:
    """A row on one line: `Nguyễn · An · Viện Hải dương học`."""
    told = [
        text for part in group.fields if is_shown(part, row) for text in _value(part, row, choices)
    ]
    inner = [_text(r, g, choices) for g in group.groups for r in kept(row, g)]
    rest = _json(row.rest)
    return " · ".join([*told, *inner, *rest])


def _json(value: Any) -> list[str]:
    return [] if not value else [json.dumps(value, ensure_ascii=False, sort_keys=True)]

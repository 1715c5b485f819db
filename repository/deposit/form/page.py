"""The deposit form as a page shows it: what is typed, and what is wrong, beside each other."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from repository.deposit.form.rows import (
    Field,
    Group,
    Row,
    decode,
    encode,
    kept,
    name_of,
    new_row,
    parse,
)
from repository.deposit.form.schema import FORM, SECTIONS
from repository.deposit.form.suggesting import Suggestion
from repository.records.metadata import Problem, accept
from repository.records.models import Draft

OUTSIDE = {"files": "files-section"}


@dataclass(frozen=True)
class Typed:
    """The parts of a draft that the form edits."""

    metadata: dict[str, Any]
    access: dict[str, Any]
    files_enabled: bool


@dataclass
class FormPage:
    """`row` holds what is typed; `problems` what to say, by the name of the input or group."""

    row: Row
    problems: dict[str, list[Problem]] = dataclasses.field(default_factory=dict)
    suggestions: dict[str, list[Suggestion]] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, draft: Draft) -> "FormPage":
        return cls(encode(_content(draft), FORM))

    @classmethod
    def typed(cls, pairs: Iterable[tuple[str, str]], draft: Draft) -> "FormPage":
        """What was sent, over what the draft holds beyond the form. Raises ValidationFailed.

        A choice that was not sent, from a page that did not come whole, stays as it is: nothing
        is opened to the world by leaving it out.
        """
        row, saved = parse(pairs, FORM), encode(_content(draft), FORM)
        row.rest = saved.rest
        for part in FORM.fields:
            if part.kind == "choice" and not row.get(part.name):
                row.values[part.name] = saved.get(part.name)
        return cls(row)

    def content(self) -> Typed:
        content = decode(self.row, FORM)
        access = content.get("access") or {}
        return Typed(content.get("metadata") or {}, access, bool(content.get("files_enabled")))

    def place(self, problems: Iterable[Problem]) -> None:
        """Put each problem where its JSON pointer leads."""
        self.problems = {}
        for problem in problems:
            where = self.where(problem.pointer)
            self.problems.setdefault(where, []).append(problem)

    def where(self, pointer: str) -> str:
        """The id of the element to which a problem belongs."""
        first = pointer.strip("/").partition("/")[0]
        return OUTSIDE.get(first) or name_of(pointer, self.row, FORM) or "deposit-form"

    @property
    def parts(self) -> Mapping[str, Field | Group]:
        return PARTS

    @property
    def blocking(self) -> list[tuple[str, Problem]]:
        """What keeps it from being published, with the place of each, in the page's order."""
        found = [
            (where, problem)
            for where, problems in self.problems.items()
            for problem in problems
            if problem.severity == "error"
        ]
        return sorted(found, key=lambda item: _order(item[0]))

    def counts_in(self, names: Iterable[str]) -> int:
        """How many problems lie in these fields and groups: they are not to be folded away."""
        wanted = set(names)
        return sum(
            len(problems)
            for where, problems in self.problems.items()
            if where.partition("/")[0] in wanted
        )

    def is_used(self, names: Iterable[str]) -> bool:
        """Whether anything is typed in these fields and groups."""
        return any(
            kept(self.row, part) if isinstance(part, Group) else self.row.get(part.name)
            for part in map(PARTS.__getitem__, names)
        )

    def blank(self, group: Group) -> Row:
        """An empty row, for a script to copy."""
        return new_row(group, "0")


PARTS: dict[str, Field | Group] = {
    **{field.name: field for field in FORM.fields},
    **{group.name: group for group in FORM.groups},
}
_PLACES = [name for section in SECTIONS for name in (*section.shown, *section.more)]


def _order(where: str) -> int:
    first = where.partition("/")[0]
    return _PLACES.index(first) if first in _PLACES else -1


def _content(draft: Draft) -> dict[str, Any]:
    return {
        "metadata": accept(draft.metadata_json),
        "access": draft.access,
        "files_enabled": draft.files_enabled,
    }

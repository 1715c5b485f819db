"""A form as the page shows it: what was typed, and what is wrong with it.

Services check values, for pages, API and command line alike, and say what is wrong with a JSON
pointer; a form only carries their words to the right field, and never loses what was typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request

from repository.core.errors import RepositoryError, ValidationFailed
from repository.web.messages import translate


@dataclass
class Form:
    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    @classmethod
    def sent(cls) -> "Form":
        """What the request's form holds, without spaces around it (passwords keep theirs)."""
        return cls(
            {
                name: value if "password" in name else value.strip()
                for name, value in request.form.items()
            }
        )

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    def chosen(self, name: str) -> list[str]:
        """All values of a field that may be ticked several times."""
        return request.form.getlist(name)

    def fail(self, error: RepositoryError) -> None:
        """Show a service's refusal: at the fields it names, else above the form."""
        for wrong in error.errors:
            name = wrong.pointer.removeprefix("/")
            self.errors.setdefault(name, translate(wrong.message, wrong.params))
        if not isinstance(error, ValidationFailed) or not error.errors:
            self.problem = translate(error.message, error.params)

    @property
    def failed(self) -> bool:
        return bool(self.errors or self.problem)

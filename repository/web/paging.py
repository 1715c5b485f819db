"""Pages of a list: bounds that hold for every list, and the addresses of its other pages."""

from dataclasses import dataclass

from flask import request

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.web.urls import here

DEFAULT_SIZE = 20
MAX_SIZE = 100
MAX_DEPTH = 10_000


@dataclass(frozen=True)
class Paging:
    """Which page of how many rows was asked for; pages count from 1."""

    page: int
    size: int

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    def pages(self, total: int) -> int:
        """How many pages `total` rows fill, of those that may be asked for; at least one."""
        return max(1, -(-min(total, MAX_DEPTH) // self.size))

    def links(self, total: int) -> dict[str, str]:
        """Addresses of `self`, and of `prev` and `next` where there are such pages."""
        around = {"prev": self.page - 1, "self": self.page, "next": self.page + 1}
        last = self.pages(total)
        return {
            name: here(page=page, size=request.args.get("size"))
            for name, page in around.items()
            if name == "self" or 1 <= page <= last
        }


def requested(*, size: int = DEFAULT_SIZE, max_size: int = MAX_SIZE) -> Paging:
    """The page that the query arguments `page` and `size` name.

    Raises ValidationFailed when either is no number in its bounds, or the page lies beyond the
    first MAX_DEPTH rows: counting through more costs as much as all pages before it.
    """
    errors: list[FieldError] = []
    page = _number("page", 1, MAX_DEPTH, errors)
    size = _number("size", size, max_size, errors)
    if not errors and page * size > MAX_DEPTH:
        message = N_("Only the first %(depth)s results can be paged through; narrow the search.")
        errors.append(FieldError("/page", message, {"depth": MAX_DEPTH}))
    if errors:
        raise ValidationFailed(errors=errors)
    return Paging(page, size)


def _number(name: str, default: int, maximum: int, errors: list[FieldError]) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= maximum:
        return int(text)
    message = N_("Must be a whole number from 1 to %(maximum)s.")
    errors.append(FieldError(f"/{name}", message, {"maximum": maximum}))
    return default

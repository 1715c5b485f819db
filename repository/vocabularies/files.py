"""Files that hold a list, told apart by the ends of their names."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from repository.core.errors import FieldError, TooLarge, ValidationFailed
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.vocabularies.importing import ror, skos, tables
from repository.vocabularies.loading import Description, Outcome, load
from repository.vocabularies.models import Kind
from repository.vocabularies.rows import TermRow

MAX_FILE = 200 << 20  # bytes of a file that is read whole
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
ROR = "ror"  # the name by which the dump is asked for, which is two lists
_ORGANISATIONS = Description(
    "affiliations",
    Kind.AFFILIATIONS.value,
    "Tổ chức (ROR)",
    "Organisations (ROR)",
    "ROR",
    "https://ror.org/",
    "Research Organization Registry",
)
_FUNDERS = replace(
    _ORGANISATIONS,
    id="funders",
    kind=Kind.FUNDERS.value,
    title_vi="Cơ quan tài trợ (ROR)",
    title_en="Funders (ROR)",
)


@dataclass(frozen=True)
class Source:
    """What a file says of a list, and its terms, which are read as they are asked for, once."""

    told: Description
    version: str
    rows: Iterator[TermRow]


def sources(
    told: Description, path: Path, version: str, *, ending: str = "", by_prefix: bool = False
) -> list[Source]:
    """The lists in a file: one, of a CSV or SKOS file; two, of ROR's dump, which `told.id` `ror`
    asks for. Raises ValidationFailed, TooLarge.
    """
    if told.id == ROR:
        found = [
            Source(described, version, ror.rows(path, funders=only))
            for described, only in ((_ORGANISATIONS, False), (_FUNDERS, True))
        ]
    else:
        found = [_source(told, path, version, ending, by_prefix=by_prefix)]
    if not found[0].version.strip():
        message = N_("Say what this state of the list is called, such as 2026.")
        raise ValidationFailed(errors=[FieldError("/version", message)])
    return [replace(each, version=each.version.strip()) for each in found]


def check_name(name: str) -> None:
    """Raises ValidationFailed."""
    if not NAME.fullmatch(name):
        message = N_("Use letters a to z, digits and single hyphens, at most %(count)s.")
        raise ValidationFailed(errors=[FieldError("/name", message, {"count": 40})])


def _source(told: Description, path: Path, version: str, ending: str, *, by_prefix: bool) -> Source:
    check_name(told.id)
    if path.stat().st_size > MAX_FILE:
        raise TooLarge(limit=MAX_FILE)
    data, ending = path.read_bytes(), (ending or path.suffix).lstrip(".").lower()
    if ending in skos.FORMATS:
        scheme, rows = skos.read(data, ending)
        told = replace(
            told,
            title_vi=told.title_vi or scheme.title_vi,
            title_en=told.title_en or scheme.title_en,
            scheme_uri=told.scheme_uri or scheme.uri,
        )
        return Source(told, version or scheme.version, rows)
    if ending in ("csv", "tsv", "txt"):
        return Source(told, version, tables.rows(tables.text_of(data), by_prefix=by_prefix))
    message = N_("Choose a file that ends in .csv, .ttl, .rdf or .jsonld.")
    raise ValidationFailed(errors=[FieldError("/file", message)])


def load_file(
    runtime: Runtime,
    told: Description,
    path: Path,
    version: str,
    *,
    ending: str = "",
    by_prefix: bool = False,
    whole: bool = True,
    user_id: int | None = None,
    progress: Callable[[int], None] = lambda _count: None,
) -> dict[str, Outcome]:
    """The lists of a file, by id. Raises ValidationFailed, TooLarge."""
    return {
        each.told.id: load(
            runtime,
            each.told,
            each.rows,
            each.version,
            user_id=user_id,
            whole=whole,
            progress=progress,
        )
        for each in sources(told, path, version, ending=ending, by_prefix=by_prefix)
    }

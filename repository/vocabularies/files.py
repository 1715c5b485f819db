"""Files that hold a list, told apart by the ends of their names."""

import re
from dataclasses import replace
from pathlib import Path

from repository.core.errors import FieldError, TooLarge, ValidationFailed
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.vocabularies.importing import ror, skos, tables
from repository.vocabularies.loading import Description, Outcome, load
from repository.vocabularies.models import Kind

MAX_FILE = 200 << 20  # bytes of a file that is read whole
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


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
) -> Outcome:
    """A list from a CSV or SKOS file. Raises ValidationFailed, TooLarge."""
    if not NAME.fullmatch(told.id):
        message = N_("Use letters a to z, digits and single hyphens, at most %(count)s.")
        raise ValidationFailed(errors=[FieldError("/name", message, {"count": 40})])
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
        version = version or scheme.version
    elif ending in ("csv", "tsv", "txt"):
        rows = tables.rows(tables.text_of(data), by_prefix=by_prefix)
    else:
        message = N_("Choose a file that ends in .csv, .ttl, .rdf or .jsonld.")
        raise ValidationFailed(errors=[FieldError("/file", message)])
    if not version.strip():
        message = N_("Say what this state of the list is called, such as 2026.")
        raise ValidationFailed(errors=[FieldError("/version", message)])
    return load(runtime, told, rows, version.strip(), user_id=user_id, whole=whole)


def load_ror(
    runtime: Runtime, path: Path, version: str, *, user_id: int | None = None
) -> dict[str, Outcome]:
    """ROR's dump, as the organisations people work for and those that fund."""
    ror_uri = "https://ror.org/"
    organisations = Description(
        "affiliations", Kind.AFFILIATIONS.value, "Tổ chức (ROR)", "Organisations (ROR)", "ROR"
    )
    funders = Description(
        "funders", Kind.FUNDERS.value, "Cơ quan tài trợ (ROR)", "Funders (ROR)", "ROR"
    )
    done = {}
    for told, only_funders in ((organisations, False), (funders, True)):
        described = replace(told, scheme_uri=ror_uri, source="Research Organization Registry")
        rows = ror.rows(path, funders=only_funders)
        done[told.id] = load(runtime, described, rows, version, user_id=user_id)
    return done

"""`fq` and `sort` of package_search: the part of Solr's syntax that harvesters write."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from repository.accounts.models import Actor
from repository.api.ckan import names
from repository.api.ckan.envelope import Refused
from repository.core.work import Work
from repository.discovery.documents import published_number
from repository.discovery.engines.base import Sort
from repository.discovery.engines.nodes import (
    EVERYTHING,
    NOTHING,
    And,
    Keyword,
    Node,
    Not,
    Or,
    Range,
)

MAX_LENGTH = 5000
_CLAUSE = re.compile(
    r"""\s*(?:AND\s+)?(?P<sign>[+-]|NOT\s+|!)?(?P<field>[A-Za-z_*][\w.]*|\*):
    (?P<value>"(?:[^"\\]|\\.)*"|\((?:[^()"]|"(?:[^"\\]|\\.)*")*\)|[\[{][^\]}]*[\]}]|[^\s()]+)\s*""",
    re.VERBOSE,
)
_VALUE = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s()]+)')
_RANGE = re.compile(r"\[(\S+) TO (\S+)\]")
_AGO = re.compile(r"NOW(?:-(\d{1,5})(MINUTE|HOUR|DAY|MONTH|YEAR)S?)?(?:/[A-Z]+)?")
_UNITS = {
    "MINUTE": timedelta(minutes=1),
    "HOUR": timedelta(hours=1),
    "DAY": timedelta(days=1),
    "MONTH": timedelta(days=31),
    "YEAR": timedelta(days=366),
}
# What is true of all that is here, and so narrows nothing.
_ALWAYS = {
    "state": "active",
    "capacity": "public",
    "private": "false",
    "entity_type": "package",
    "dataset_type": "dataset",
    "type": "dataset",
}
_KEYWORDS = {"tags": "topic", "license_id": "license", "id": "record", "name": "record"}
_DATES = {"metadata_modified": "modified", "metadata_created": "published"}
_SORTS = {
    "score desc": Sort.RELEVANCE,
    "metadata_modified desc": Sort.MODIFIED,
    "metadata_created desc": Sort.NEWEST,
    "metadata_created asc": Sort.OLDEST,
    "id asc": Sort.OLDEST,  # harvesters ask for it to have an order that stays as it is
    "name asc": Sort.OLDEST,
    "title asc": Sort.TITLE,
    "title_string asc": Sort.TITLE,
}


def query_error(reason: str) -> Refused:
    return Refused(400, "Search Query Error", message=reason)


def sort_of(text: str, default: Sort) -> Sort:
    """The first order of a list such as `score desc, metadata_modified desc`."""
    first = " ".join(text.split(",", maxsplit=1)[0].lower().split())
    if not first:
        return default
    wanted = first if first.endswith((" asc", " desc")) else f"{first} asc"
    if wanted not in _SORTS:
        raise query_error(f"Cannot sort by {first}; there are: {', '.join(_SORTS)}")
    return _SORTS[wanted]


def filters_of(work: Work, actor: Actor, text: str) -> list[Node]:
    """One condition for each clause, all of which must hold. Raises Refused naming what cannot
    be read: to leave out a condition would answer more than was asked for.
    """
    if len(text) > MAX_LENGTH:
        raise query_error("fq is too long")
    made, place = [], 0
    while place < len(text.rstrip()):
        clause = _CLAUSE.match(text, place)
        if clause is None:
            raise query_error(f"Cannot read fq from: {text[place : place + 40]}")
        node = _node(work, actor, clause["field"], clause["value"])
        negated = (clause["sign"] or "").strip() in ("-", "!", "NOT")
        made.append(Not(node) if negated else node)
        place = clause.end()
    return made


def _node(work: Work, actor: Actor, field: str, value: str) -> Node:
    if value == "*" or field in ("*", "site_id"):
        return EVERYTHING
    if field in _DATES:
        return _between(work, _DATES[field], value)
    chosen = _values(value)
    if field in _ALWAYS:
        return EVERYTHING if _ALWAYS[field] in chosen else NOTHING
    if field in ("organization", "owner_org"):
        return names.of_slugs(work, actor, chosen)
    if field == "res_format":
        return names.of_formats(work, actor, chosen)
    if field in _KEYWORDS:
        name = _KEYWORDS[field]
        return Or(tuple(Keyword(name, v.lower() if name == "license" else v) for v in chosen))
    if field == "groups":
        return NOTHING
    raise query_error(f"Undefined field {field}")


def _values(value: str) -> Sequence[str]:
    """One value, or those of `(a OR "b c")`; AND between them is refused."""
    inner = value[1:-1] if value.startswith("(") else value
    found = [quoted.replace('\\"', '"') or plain for quoted, plain in _VALUE.findall(inner)]
    if "AND" in found or "NOT" in found:
        raise query_error(f"Only OR may stand between values: {value}")
    return [each for each in found if each != "OR"]


def _between(work: Work, field: str, value: str) -> Node:
    bounds = _RANGE.fullmatch(value)
    if bounds is None:
        raise query_error(f"Write a period as [2026-01-01T00:00:00Z TO *], not {value}")
    low, high = (_moment(work, each) for each in bounds.groups())
    limits = [published_number(each) if each else None for each in (low, high)]
    return And((Range(field, limits[0], limits[1]),))


def _moment(work: Work, text: str) -> datetime | None:
    if text == "*":
        return None
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return work.clock.now() - (_UNITS[ago[2]] * int(ago[1]) if ago[1] else timedelta(0))
    try:
        moment = datetime.fromisoformat(text.strip('"'))
    except ValueError as error:
        raise query_error(f"This is no date: {text}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

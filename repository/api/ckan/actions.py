"""The actions. Each sees only what the access rule shows to who asks."""

from typing import Any

from sqlalchemy import select

from repository import __version__
from repository.access.documents import find_named, find_version
from repository.access.file_rules import can_download
from repository.api.ckan import names, packages
from repository.api.ckan.envelope import (
    ACTIONS,
    Parameters,
    action,
    actor,
    flag,
    listed,
    not_found,
    number,
    text,
)
from repository.api.ckan.filters import filters_of, sort_of
from repository.core.errors import NotFound
from repository.discovery.documents import access_filter
from repository.discovery.engines.base import Search, Sort
from repository.discovery.hits import visible_in_order
from repository.discovery.query import parse
from repository.pid import services as pid
from repository.records.models import File, State, Version
from repository.web.context import reading

MAX_ROWS = 1000
MAX_NAMES = 100_000
FACET_LIMIT = 50
MAX_START = 10_000_000
FACETS = {
    "organization": "publisher",
    "tags": "topic",
    "res_format": "format",
    "license_id": "license",
}


@action
def site_read(_parameters: Parameters) -> bool:
    """Whether this site may be read: true."""
    return True


@action
def status_show(_parameters: Parameters) -> dict[str, Any]:
    """What this site is."""
    settings = reading().settings
    return {
        "site_title": settings.site_name,
        "site_description": settings.site_name_en,
        "site_url": settings.base_url,
        "ckan_version": "2.11.0",
        "error_emails_to": settings.admin_email,
        "locale_default": settings.default_locale,
        "extensions": ["repository", __version__],
    }


@action
def help_show(parameters: Parameters) -> str | None:
    """What the action `name` does."""
    name = text(parameters, "name")
    if name not in ACTIONS:
        raise not_found()
    return ACTIONS[name].__doc__


@action
def package_list(parameters: Parameters) -> list[str]:
    """Names of the datasets, from `offset`, at most `limit`."""
    work = reading()
    search = Search(
        filters=[access_filter(work, actor())],
        sort=Sort.OLDEST,
        offset=number(parameters, "offset", 0, MAX_START),
        limit=number(parameters, "limit", MAX_NAMES, MAX_NAMES),
    )
    ids = names.found(work, search).ids
    shown: list[str] = []
    for start in range(0, len(ids), MAX_ROWS):
        part = visible_in_order(work, actor(), ids[start : start + MAX_ROWS])
        shown += [version.record_id for version in part]
    return shown


@action
def current_package_list_with_resources(parameters: Parameters) -> list[dict[str, Any]]:
    """Datasets with their resources, newest first, from `offset`, at most `limit` (1000)."""
    size = number(parameters, "limit", MAX_ROWS, MAX_ROWS)
    page = number(parameters, "page", 1, MAX_START)
    offset = number(parameters, "offset", max(page - 1, 0) * size, MAX_START)
    found: list[dict[str, Any]] = package_search(
        {"rows": size, "start": offset, "sort": "metadata_modified desc"}
    )["results"]
    return found


@action
def package_search(parameters: Parameters) -> dict[str, Any]:
    """Search: `q` (this site's query language), `fq`, `rows`, `start`, `sort`, `facet.field`."""
    work, who = reading(), actor()
    query = str(parameters.get("q") or "").strip()
    parsed = parse("" if query in ("*:*", "*") else query)
    fq = " ".join([*listed(parameters, "fq"), *listed(parameters, "fq_list")])
    default = Sort.MODIFIED if parsed.is_empty else Sort.RELEVANCE
    wanted = [name for name in listed(parameters, "facet.field") if name in FACETS]
    if not flag(parameters, "facet", default=True):
        wanted = []
    size = number(parameters, "facet.limit", FACET_LIMIT, names.MANY)
    search = Search(
        query=parsed.tree,
        filters=[access_filter(work, who), *filters_of(work, who, fq)],
        facets={FACETS[name]: size for name in wanted},
        sort=sort_of(str(parameters.get("sort") or ""), default),
        offset=number(parameters, "start", 0, MAX_START),
        limit=number(parameters, "rows", 10, MAX_ROWS),
    )
    found = names.found(work, search)
    shown = visible_in_order(work, who, found.ids)
    counted = {name: _counted(name, found.facets[FACETS[name]]) for name in wanted}
    return {
        "count": found.total,
        "sort": str(parameters.get("sort") or "score desc, metadata_modified desc"),
        "results": packages.packages_of(work, who, shown),
        "facets": {name: {n: c for n, _, c in rows} for name, rows in counted.items()},
        "search_facets": {
            name: {
                "title": name,
                "items": [{"name": n, "display_name": d, "count": c} for n, d, c in rows],
            }
            for name, rows in counted.items()
        },
    }


def _counted(facet: str, values: list[tuple[str, int]]) -> list[tuple[str, str, int]]:
    """Name, name to show, count; values that CKAN calls alike are one."""
    naming = {"organization": names.slug, "res_format": names.format_name}.get(facet, str)
    found: dict[str, tuple[str, int]] = {}
    for value, count in values:
        name = naming(value)
        shown = value if facet == "organization" else name
        found[name] = (found.get(name, (shown, 0))[0], found.get(name, (shown, 0))[1] + count)
    return [(name, shown, count) for name, (shown, count) in found.items()]


@action
def package_show(parameters: Parameters) -> dict[str, Any]:
    """The dataset `id`: a record's or a version's id, or a DOI."""
    work, who = reading(), actor()
    version = _version(text(parameters, "id", "name_or_id"))
    return packages.packages_of(work, who, [version])[0]


def _version(identifier: str) -> Version:
    work, who = reading(), actor()
    identifier = identifier[:255]
    if identifier.startswith("10."):
        identifier = pid.resolve(work, who, identifier)
    found = find_named(work, who, identifier)
    if found.state != State.PUBLISHED:
        raise NotFound
    return found


@action
def resource_show(parameters: Parameters) -> dict[str, Any]:
    """The file `id`, as `package_show` names it."""
    work, who = reading(), actor()
    version_id, _, own = text(parameters, "id").rpartition("-")
    version = find_version(work, who, version_id[:64])
    if not (own.isascii() and own.isdigit() and len(own) < 18):
        raise not_found()
    file = work.session.scalar(
        select(File).where(File.id == int(own), File.version_id == version.id, File.committed)
    )
    if file is None or not can_download(who, version, file, work.clock.now()):
        raise not_found()
    return packages.resource(work, version, file)


@action
def organization_list(parameters: Parameters) -> list[Any]:
    """Publishers: their names, or with `all_fields` what is known of them."""
    limit = number(parameters, "limit", names.MANY, names.MANY)
    offset = number(parameters, "offset", 0)
    chosen = set(listed(parameters, "organizations"))
    found = [
        each
        for each in _counted("organization", names.values(reading(), actor(), "publisher"))
        if not chosen or each[0] in chosen
    ]
    page = sorted(found)[offset : offset + limit]
    if not flag(parameters, "all_fields"):
        return [name for name, _title, _count in page]
    return [packages.organization(t) | {"package_count": count} for _name, t, count in page]


@action
def organization_show(parameters: Parameters) -> dict[str, Any]:
    """The publisher `id`; its newest ten datasets too with `include_datasets`."""
    wanted = text(parameters, "id")
    known = _counted("organization", names.values(reading(), actor(), "publisher"))
    found = next(((title, count) for name, title, count in known if name == wanted), None)
    if found is None:
        raise not_found()
    made = packages.organization(found[0]) | {"package_count": found[1], "users": [], "tags": []}
    if flag(parameters, "include_datasets"):
        made["packages"] = package_search({"fq": f'organization:"{wanted}"'})["results"]
    return made


@action
def group_list(_parameters: Parameters) -> list[Any]:
    """Groups: none; publishers are organizations."""
    return []


@action
def group_show(parameters: Parameters) -> dict[str, Any]:
    """A group: there are none."""
    text(parameters, "id")
    raise not_found()


@action
def tag_list(parameters: Parameters) -> list[Any]:
    """Subjects, most frequent first, at most 1000; those that hold `query`."""
    part = str(parameters.get("query") or "").lower()
    found = names.values(reading(), actor(), "topic")
    shown = [name for name, _count in found if part in name.lower()]
    return [packages.tag(name) for name in shown] if flag(parameters, "all_fields") else shown


@action
def tag_show(parameters: Parameters) -> dict[str, Any]:
    """The subject `id`."""
    wanted = text(parameters, "id")
    if wanted not in dict(names.values(reading(), actor(), "topic")):
        raise not_found()
    return packages.tag(wanted)


@action
def license_list(_parameters: Parameters) -> list[dict[str, Any]]:
    """Licences that depositors choose from."""
    return packages.licences()

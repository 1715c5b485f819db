"""Every address that the application answers, filled in: a new route is here or the test fails."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask
from werkzeug.routing import Rule

from repository.formats import registry
from tests.access.planting import COLLECTION, Planted

RECORD_ARGUMENTS = ("id", "record_id", "doi", "naan", "link")
INTEGER = re.compile(r"<int(?:\(signed=True\))?:([a-z_]+)>")
# What else may stand in an address, and what to put there.
OTHERS: Mapping[str, tuple[str, ...]] = {
    "action_name": (
        *("package_list", "package_search", "current_package_list_with_resources"),
        *("organization_list", "tag_list", "status_show", "no_such_action"),
    ),
    "code": ("not-found",),
    "kind": ("metadata", "files"),
    "dump": ("latest",),
    "dump_file": ("manifest.json", "records.jsonl.gz"),
    "policy": ("privacy", "none"),
    "extension": ("ttl", "jsonld", "rdf"),
    "filename": ("site.css",),
    "slug": (COLLECTION,),
    "package": ("ro-crate", "bagit", "ocfl"),
    "number": ("1", "access-1"),
    "action": ("accept",),
    "act": ("apply",),
    "vocabulary": ("ford", "none"),
    "term": ("ford:1.5", "none"),
    "intake": ("none",),
    "bulk_id": ("none",),
    "step": ("start",),
}
OAI = "invenio_oaiserver.response"
QUERIES: Mapping[str, tuple[str, ...]] = {
    "discovery.search": (
        "?q=ph%C3%A9p",
        "?q=th%E1%BB%AD&all_versions=1",
        "?bbox=-180,-90,180,90",
        "?q=%22ph%C3%A9p+th%E1%BB%AD%22&sort=title",
    ),
    "discovery.search_map": ("?bbox=-180,-90,180,90",),
    "discovery.move_map": ("?q=ph%C3%A9p&all=1",),
    "discovery.suggest": ("?q=ph%C3%A9p", "?q=kanari", "?q=kanarir"),
    "pid.resolve_ark": ("", "?info"),
    "discovery.atom": ("", "?q=ph%C3%A9p", f"?collection={COLLECTION}"),
    "discovery.folder": ("", "?folder=d%E1%BB%AF+li%E1%BB%87u"),
    "api.search_records": ("", "?q=ph%C3%A9p&allversions=1", "?sort=title", "?cursor=*"),
    "ckan.call": ("", "?q=ph%C3%A9p&facet.field=tags&facet.field=organization"),
    OAI: (
        "?verb=Identify",
        "?verb=ListSets",
        "?verb=ListMetadataFormats",
        "?verb=ListIdentifiers&metadataPrefix=oai_dc",
    ),
}


@dataclass(frozen=True)
class Address:
    url: str
    endpoint: str
    methods: frozenset[str]


class UnknownArgument(AssertionError):
    pass


def takes_record(rule: Rule) -> bool:
    return any(name in rule.arguments for name in RECORD_ARGUMENTS)


def of_everyone(app: Flask) -> Iterator[Address]:
    """Addresses that name no record."""
    for rule in app.url_map.iter_rules():
        if not takes_record(rule):
            yield from _filled(app, rule, {})


def of_record(app: Flask, planted: Planted, identifier: str) -> Iterator[Address]:
    """Addresses of one record or version, by either id."""
    values = {
        "id": (identifier,),
        "record_id": (identifier,),
        "doi": (f"{planted.prefix}/{identifier}",),
        "path": (planted.path, *planted.others),
        "key": (planted.path, *planted.others),
        "naan": ("99999",),
        "link": (str(planted.review_link),),
    }
    for rule in app.url_map.iter_rules():
        if takes_record(rule):
            yield from _filled(app, rule, values)


def _filled(app: Flask, rule: Rule, values: Mapping[str, tuple[str, ...]]) -> Iterator[Address]:
    known = {**OTHERS, **values, "name": tuple(each.name for each in registry.formats())}
    if "naan" in rule.arguments:
        known["name"] = (*values["id"], f"{values['id'][0]}/{values['path'][0]}")
    known |= dict.fromkeys(set(INTEGER.findall(rule.rule)) - values.keys(), ("1",))
    unknown = rule.arguments - known.keys()
    if unknown:
        raise UnknownArgument(f"say in {__name__} what to put for {unknown} in {rule.rule}")
    addresses = [rule.rule]
    for argument in rule.arguments:
        addresses = [
            _put(address, argument, value) for address in addresses for value in known[argument]
        ]
    methods = frozenset(rule.methods or ()) - {"HEAD", "OPTIONS"}
    for address in addresses:
        for asked in QUERIES.get(rule.endpoint, ("",)):
            yield Address(address + asked, rule.endpoint, methods)


def _put(address: str, argument: str, value: str) -> str:
    return re.sub(rf"<(?:[^<>:]+:)?{argument}>", lambda _: quote(value), address)

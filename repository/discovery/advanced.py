"""A form for those who would rather fill in fields than learn the query language."""

import re
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from repository.core.messages import N_
from repository.discovery.blueprint import blueprint
from repository.discovery.engines.base import FACETS
from repository.discovery.labels import ACCESS
from repository.discovery.places import Box, parse_box
from repository.discovery.query import MAX_CHARACTERS
from repository.records.metadata import vocabularies as lists
from repository.records.metadata.licences import LICENCES
from repository.web.caching import public
from repository.web.messages import translate

FIELDS = ("title", "creator", "subject")
LANGUAGES = ("vie", "eng", "fra", "khm", "lao", "tha", "zho", "jpn", "kor", "deu", "spa", "rus")
REGIONS = {  # west, south, east, north, of the regions by which Vietnamese statistics are given
    N_("Viet Nam"): "102.1,8.2,109.5,23.4",
    N_("Northern midlands and mountains"): "102.1,20.2,107.1,23.4",
    N_("Red River Delta"): "105.2,19.9,107.9,21.5",
    N_("North Central and Central Coast"): "103.8,10.5,109.5,20.7",
    N_("Central Highlands"): "107.0,11.2,109.0,15.5",
    N_("South East"): "105.8,10.2,107.6,12.3",
    N_("Mekong Delta"): "104.3,8.5,106.9,11.1",
    N_("East Sea"): "105.0,3.0,121.0,22.5",
    N_("South East Asia"): "92.0,-11.0,141.0,28.6",
}
PASSED_ON = ("from", "to", "bbox", "sort")


@blueprint.get("/search/advanced")
def advanced() -> Response:
    """Sent off, it leads to the search that it stands for, where everything can be changed."""
    if "go" in request.args:
        passed = {name: _chosen(name) for name in (*PASSED_ON, *FACETS)}
        values: dict[str, Any] = {"q": _query(), **passed}
        kept = {name: value for name, value in values.items() if value}
        return redirect(url_for("discovery.search", **kept), 303)
    page = render_template(
        "discovery/advanced.html",
        types=lists.RESOURCE_TYPES,
        spoken=LANGUAGES,
        licences=LICENCES,
        access=ACCESS,
        regions=REGIONS,
    )
    return public(page, max_age=3600)


def _chosen(name: str) -> list[str]:
    return [value for value in request.args.getlist(name) if value]


def _query() -> str:
    """The fields of the form in the query language, as long as it takes."""
    parts = [_plain(request.args.get("all", ""))]
    if phrase := _plain(request.args.get("phrase", "")):
        parts.append(f'"{phrase}"')
    if some := _plain(request.args.get("any", "")).split():
        parts.append(f"({' OR '.join(some)})")
    fields = {name: _plain(request.args.get(name, "")) for name in FIELDS}
    parts += [f'{name}:"{text}"' for name, text in fields.items() if text]
    parts += [f"NOT {word}" for word in _plain(request.args.get("none", "")).split()]
    return " ".join(part for part in parts if part)[:MAX_CHARACTERS]


def _plain(text: str) -> str:
    """Words without what the query language would read as more than words."""
    words = re.sub(r"[\"'():\[\]{}^~*<>\\]", " ", text).split()
    return " ".join(word for word in words if word not in ("AND", "OR", "NOT"))


@blueprint.app_template_global("region_name")
def region_name(box: Box) -> str:
    """What a box is called: a region of the form, or its four numbers."""
    for name, text in REGIONS.items():
        if parse_box(text) == box:
            return translate(name, {})
    return ", ".join(f"{value:g}°" for value in box)

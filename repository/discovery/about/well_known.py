"""`/.well-known/`: the catalogue of APIs (RFC 9727) and whom to tell of a hole (RFC 9116)."""

import json
from datetime import timedelta
from typing import Any

from flask import abort, make_response
from werkzeug.wrappers import Response

from repository.core.settings import Settings
from repository.discovery.blueprint import blueprint
from repository.web.caching import public
from repository.web.context import reading
from repository.web.cors import readable_elsewhere

PROFILE = "https://www.rfc-editor.org/info/rfc9727"
VALID = timedelta(days=180)  # RFC 9116 recommends less than a year
DAY = 24 * 3600
Links = dict[str, Any]
LD = "application/ld+json"


@blueprint.get("/.well-known/api-catalog")
def api_catalog() -> Response:
    """A linkset (RFC 9264) of the interfaces there are, each with where it is described."""
    base = reading().settings.base_url
    contexts = _interfaces(base)
    catalogue = f"{base}/.well-known/api-catalog"
    items = [{"href": each["anchor"]} for each in contexts]
    made = {"linkset": [{"anchor": catalogue, "item": items}, *contexts]}
    response = make_response(json.dumps(made, indent=2))
    response.content_type = f'application/linkset+json; profile="{PROFILE}"'
    response.headers["Link"] = f'<{catalogue}>; rel="api-catalog"'
    return readable_elsewhere(public(response, max_age=3600))


def _interfaces(base: str) -> list[Links]:
    def one(path: str, **links: tuple[str, str]) -> Links:
        made: Links = {"anchor": f"{base}{path}"}
        for relation, (target, media_type) in links.items():
            made[relation.replace("_", "-")] = [{"href": f"{base}{target}", "type": media_type}]
        return made

    page, plain = "text/html", "application/json"
    return [
        one(
            "/api/",
            service_desc=("/api/openapi.json", "application/vnd.oai.openapi+json"),
            service_doc=("/api/docs", page),
            status=("/health/ready", plain),
        ),
        one(
            "/oai2d",
            service_desc=("/oai2d?verb=Identify", "text/xml"),
            service_doc=("/oai2d", page),
        ),
        one("/api/3/action/", service_desc=("/api/3/action/status_show", plain)),
        one("/catalog.ttl", service_meta=("/about/repository.json", "application/ld+json")),
        one("/.well-known/resourcesync", service_meta=("/about/repository.json", LD)),
        one("/dumps/", service_desc=("/dumps/manifest.json", plain), service_doc=("/dumps/", page)),
        one("/search", service_desc=("/opensearch.xml", "application/opensearchdescription+xml")),
        one("/sitemap.xml", service_meta=("/robots.txt", "text/plain")),
        one("/feed.atom", service_meta=("/about/repository.json", "application/ld+json")),
    ]


@blueprint.get("/.well-known/security.txt")
def security_txt() -> Response:
    """Of the operator, where nobody is named for it. Not found where that is nobody either: a
    contact that nobody reads is worse than none.
    """
    work = reading()
    contact = work.settings.security_contact.strip() or _operator(work.settings)
    if not contact:
        abort(404)
    if not contact.startswith(("https://", "mailto:", "tel:")):
        contact = f"mailto:{contact}"
    midnight = work.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    expires = f"{midnight + VALID:%Y-%m-%dT%H:%M:%SZ}"
    lines = {
        "Contact": contact,
        "Expires": expires,
        "Preferred-Languages": "vi, en",
        "Canonical": f"{work.settings.base_url}/.well-known/security.txt",
    }
    response = make_response("".join(f"{name}: {value}\n" for name, value in lines.items()))
    response.content_type = "text/plain; charset=utf-8"
    return public(response, max_age=DAY)


def _operator(settings: Settings) -> str:
    """Empty where the address is still the one that the software comes with."""
    return settings.admin_email if "admin_email" in settings.model_fields_set else ""

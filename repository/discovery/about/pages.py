"""About this site: for people, and as `repository.json` for registries of repositories."""

from flask import abort, jsonify, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from repository.accounts.models import ANONYMOUS
from repository.discovery.about.description import description
from repository.discovery.about.policies import POLICIES, read_policy
from repository.discovery.blueprint import blueprint
from repository.discovery.overview import overview
from repository.i18n.locale import language
from repository.web.caching import public
from repository.web.context import reading
from repository.web.cors import readable_elsewhere

HOUR = 3600


@blueprint.get("/about")
def about() -> Response:
    work = reading()
    numbers = overview(work, ANONYMOUS)
    return public(render_template("about/about.html", policies=POLICIES, numbers=numbers))


@blueprint.get("/about/policies/<policy>")
def policy(policy: str) -> Response:
    found = read_policy(reading().settings, policy, language())
    if found is None:
        abort(404)
    title = found.title or _(POLICIES[policy])
    return public(
        render_template("about/policy.html", policy=found, title=title, policies=POLICIES)
    )


@blueprint.get("/about/repository.json")
def repository_json() -> Response:
    """schema.org's DataCatalog, with what re3data and FAIRsharing ask of a repository."""
    response = jsonify(description(reading()))
    response.content_type = "application/ld+json"
    return readable_elsewhere(public(response, max_age=HOUR))

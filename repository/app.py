"""Composition root of the web application: what it is made of, in order."""

from collections.abc import Callable
from datetime import timedelta

from apiflask import APIFlask
from flask import Flask
from jinja2 import StrictUndefined

from repository.accounts import identity
from repository.accounts import views as accounts
from repository.admin import views as admin
from repository.api import views as api
from repository.bulk import views as bulk
from repository.core.paths import templates_dir
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.curation import views as curation
from repository.deposit import views as deposit
from repository.discovery import blueprint as discovery
from repository.harvest import views as harvest
from repository.i18n import locale
from repository.notices import views as notices
from repository.oai import views as oai
from repository.pid import views as pid
from repository.preservation import views as preservation
from repository.previews import views as previews
from repository.quality import contact_views as contacts
from repository.quality import views as quality
from repository.sharing import views as sharing
from repository.stats import views as stats
from repository.tables import views as tables
from repository.vocabularies import views as vocabularies
from repository.web import (
    caching,
    compression,
    context,
    cors,
    errors,
    health,
    limits,
    logging,
    markdown,
    problems,
    security,
    urls,
)

# Each capability's `init_app(app)` registers its blueprints; add one line for one capability.
CAPABILITIES: tuple[Callable[[Flask], None], ...] = (
    health.init_app,
    problems.init_app,
    accounts.init_app,
    notices.init_app,
    discovery.init_app,
    previews.init_app,
    tables.init_app,
    stats.init_app,
    quality.init_app,
    contacts.init_app,
    oai.init_app,
    harvest.init_app,
    curation.init_app,
    sharing.init_app,
    deposit.init_app,
    bulk.init_app,
    vocabularies.init_app,
    pid.init_app,
    preservation.init_app,
    admin.init_app,
)


def create_app(runtime: Runtime) -> Flask:
    """The WSGI application around a runtime that the caller opens and closes."""
    settings = runtime.settings
    app = APIFlask(
        "repository",
        template_folder=str(templates_dir()),
        static_folder="static",
        spec_path=None,
        docs_path=None,
        json_errors=False,
    )
    _configure(app, settings)
    context.init_app(app, runtime)
    logging.init_app(app)
    limits.init_app(app, settings)
    compression.init_app(app)
    security.init_app(app, settings)
    caching.init_app(app)
    cors.init_app(app)
    urls.init_app(app)
    errors.init_app(app)
    identity.init_app(app)
    locale.init_app(app, settings)
    for init_capability in CAPABILITIES:
        init_capability(app)
    api.init_app(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SESSION_COOKIE_NAME="repository_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["admin_email"] = settings.admin_email
    app.jinja_env.filters.update(markdown=markdown.to_html, plain_text=markdown.to_text)

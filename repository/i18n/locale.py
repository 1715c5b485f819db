"""Which language a page speaks, and how that stays so from link to link.

`?lang=` decides when it is there, and internal links carry it on: no cookie, and each language
has its own address, so that shared caches hold both. Without it a signed-in reader's saved
choice counts, then the site's default. Accept-Language counts for programs only: a page chosen
by it could not be cached by its address.
"""

from typing import Any

from babel.support import NullTranslations
from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from flask_login import current_user

from repository.core.settings import Settings
from repository.i18n import formats
from repository.i18n.catalog import LOCALES, SOURCE, translations
from repository.web.context import runtime
from repository.web.negotiation import is_api, is_machine
from repository.web.urls import here

NAMES = {"vi": "Tiếng Việt", "en": "English"}


class _Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """Takes the catalogues compiled in memory."""

    def get_translations(self) -> NullTranslations:
        return translations(language())


def language() -> str:
    """`vi` or `en`: the language of the present page; outside of the application, English."""
    locale = get_locale()
    return str(locale.language) if locale else SOURCE


def chosen() -> str | None:
    """The language that the address names."""
    lang = request.args.get("lang")
    return lang if lang in LOCALES else None


def unchosen() -> str:
    """The language a page would have if its address named none."""
    if is_api():
        return request.accept_languages.best_match(LOCALES) or runtime().settings.default_locale
    if not is_machine(request.path):
        saved = getattr(current_user, "locale", None)
        if saved in LOCALES:
            return str(saved)
    return runtime().settings.default_locale


def select() -> str:
    """Flask-Babel's locale selector; without a request (a job, a command) the site's default."""
    return chosen() or unchosen() if has_request_context() else runtime().settings.default_locale


def switches() -> list[dict[str, Any]]:
    """The languages to switch to: code, own name, the present page's address in it, whether it
    is the present one.
    """
    return [
        {"code": code, "name": NAMES[code], "url": here(lang=code), "current": code == language()}
        for code in LOCALES
    ]


def site_name() -> str:
    settings = runtime().settings
    return settings.site_name if language() == "vi" else settings.site_name_en


def carried() -> str | None:
    """The language that links have to carry: the chosen one, where it is not chosen anyway."""
    lang = chosen()
    return lang if lang and lang != unchosen() else None


def _carry(endpoint: str, values: dict[str, Any]) -> None:
    if "lang" in values or not has_request_context() or carried() is None:
        return
    rules = current_app.url_map.iter_rules(endpoint)
    if not any(is_machine(rule.rule) for rule in rules):
        values["lang"] = carried()


def init_app(app: Flask, settings: Settings) -> None:
    babel = Babel(
        app,
        date_formats={**Babel.default_date_formats, "date": "long"},
        default_locale=settings.default_locale,
        default_timezone=settings.timezone,
        locale_selector=select,
    )
    babel.domain_instance = _Catalogues()
    app.url_defaults(_carry)
    app.jinja_env.globals.update(
        language=language, languages=switches, site_name=site_name, carried_language=carried
    )
    app.jinja_env.filters.update(
        filesize=formats.filesize,
        measure=formats.measure,
        number=formats.number,
        opening=formats.opening,
    )

    @app.after_request
    def vary(response: Any) -> Any:
        if is_api():
            response.vary.add("Accept-Language")
        return response

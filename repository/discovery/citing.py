"""How to cite a version, in the style that the reader's journal or school wants."""

from flask import render_template, request
from werkzeug.wrappers import Response

from repository.access.documents import document_for, find_version
from repository.accounts.identity import current_actor
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.discovery.blueprint import blueprint
from repository.formats.citation import citation
from repository.formats.citation_styles import DEFAULT, STYLES, Style, find_locale, find_style
from repository.i18n.locale import language
from repository.web import caching
from repository.web.context import reading
from repository.web.problems import NotAcceptable

_NO_STYLE = N_("There is no citation style of that name; there are: %(styles)s.")
_NO_LOCALE = N_("Citations are written in vi or en.")


def chosen_style(name: str | None) -> Style:
    """The style of that name, the usual one for none. Raises NotAcceptable, which lists them."""
    found = find_style(name) if name else DEFAULT
    if found is None:
        raise NotAcceptable(_NO_STYLE, styles=", ".join(style.name for style in STYLES))
    return found


def chosen_language(locale: str | None) -> str:
    """`vi` or `en`; the page's language for none. Raises NotAcceptable for any other."""
    found = find_locale(locale) if locale else language()
    if found is None:
        raise NotAcceptable(_NO_LOCALE)
    return found


@blueprint.get("/records/<record_id>/cite")
def cite(record_id: str) -> Response:
    """One citation to copy, and all others below it; a script takes the first into its page."""
    work, actor = reading(), current_actor()
    version = find_version(work, actor, record_id)
    document = document_for(work, actor, version, files_limit=0)
    if document is None:
        raise NotFound
    style = chosen_style(request.args.get("style"))
    spoken = chosen_language(request.args.get("locale"))
    page = render_template(
        "discovery/cite_page.html",
        document=document,
        style=style,
        spoken=spoken,
        styles=STYLES,
        citation=citation(document, spoken, style),
        all=[(each, citation(document, spoken, each)) for each in STYLES],
    )
    return caching.public(page, last_modified=version.updated_at)

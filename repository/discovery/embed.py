"""A record as a card in other sites' pages."""

from flask import render_template
from werkzeug.wrappers import Response

from repository.access.documents import find_named
from repository.accounts.models import ANONYMOUS
from repository.core.errors import NotFound
from repository.discovery.blueprint import blueprint
from repository.discovery.cards import cards_of
from repository.i18n.locale import language
from repository.records.models import State
from repository.web import caching
from repository.web.context import reading
from repository.web.security import embeddable


@blueprint.get("/records/<record_id>/card")
def embedded_card(record_id: str) -> Response:
    """For an iframe: of what anyone may see, whoever asks. A record's own id stays the newest."""
    work = reading()
    version = find_named(work, ANONYMOUS, record_id)
    if version.state == State.WITHDRAWN:
        raise NotFound
    (card,) = cards_of(work, ANONYMOUS, [version], lang=language())
    page = render_template("discovery/embedded_card.html", card=card, doi=version.doi)
    return embeddable(caching.public(page, max_age=300))

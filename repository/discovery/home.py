"""The front page."""

from flask import render_template
from werkzeug.wrappers import Response

from repository.accounts.identity import current_actor
from repository.discovery.blueprint import blueprint
from repository.discovery.cards import cards_of
from repository.discovery.maps import HOME
from repository.discovery.overview import institutions, newest, overview, records_by_collection
from repository.i18n.locale import language
from repository.web.caching import public
from repository.web.context import reading


@blueprint.get("/")
def home() -> Response:
    work, actor = reading(), current_actor()
    return public(
        render_template(
            "discovery/home.html",
            numbers=overview(work, actor),
            institutions=institutions(work),
            counts=records_by_collection(work, actor),
            home_box=",".join(f"{degrees:g}" for degrees in HOME),
            newest=cards_of(work, actor, newest(work, actor), lang=language()),
        )
    )

"""Pages of what is shared, a file for each: opening links, anonymous review,
asking for access and deciding.
"""

from flask import Flask

from repository.access.links import bearer_actor, holding
from repository.access.terms import guest_actor
from repository.accounts.identity import accept_links
from repository.sharing.views import decisions, links, requests, review
from repository.sharing.views.blueprint import blueprint

__all__ = ["decisions", "init_app", "links", "requests", "review"]


def init_app(app: Flask) -> None:
    accept_links(holding, bearer_actor, guest_actor)
    app.register_blueprint(blueprint)

"""Pages of collections: all of them, each, and the tools of those who look after one."""

from flask import Flask

from repository.curation.views import pages, people, quality, tools
from repository.curation.views.blueprint import blueprint

__all__ = ["init_app", "pages", "people", "quality", "tools"]


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)

"""Pages of depositing, a file for each: my data, the form, files, publication, a record's life."""

from flask import Flask

from repository.deposit.views import (
    access,
    access_log,
    classes,
    dashboard,
    file_access,
    files,
    filling,
    form,
    intakes,
    life,
    links,
    owners,
    publication,
    quotas,
    reviews,
    starting,
    variables,
)
from repository.deposit.views.blueprint import blueprint

__all__ = [
    "access",
    "access_log",
    "classes",
    "dashboard",
    "file_access",
    "files",
    "filling",
    "form",
    "init_app",
    "intakes",
    "life",
    "links",
    "owners",
    "publication",
    "quotas",
    "reviews",
    "starting",
    "variables",
]


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.register_blueprint(reviews.blueprint)
    app.register_blueprint(quotas.blueprint)

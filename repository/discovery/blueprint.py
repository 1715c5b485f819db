"""The blueprint of a visitor's pages, and what their templates are given."""

from flask import Blueprint, Flask, request
from sqlalchemy import select

from repository.discovery import labels
from repository.discovery.memory import EXTENSION, PageMemory
from repository.discovery.page import Licence, language_name, licence_called
from repository.discovery.query import Note
from repository.i18n.locale import language
from repository.records.collections import Collection
from repository.records.grounds import find_ground
from repository.records.media_types import pronom_link
from repository.records.metadata.vocabularies import RESOURCE_TYPES
from repository.vocabularies.labels import term_called
from repository.web.context import reading
from repository.web.messages import translate
from repository.web.urls import here

blueprint = Blueprint("discovery", __name__)


@blueprint.app_template_filter("label")
def label(name: str, kind: str) -> str:
    """A value of a table of `labels` in the reader's language."""
    return translate(getattr(labels, kind).get(name, name), {})


@blueprint.app_template_filter("resource_type")
def resource_type(identifier: str) -> str:
    return RESOURCE_TYPES.label(identifier, language())


@blueprint.app_template_filter("media")
def media(media_type: str) -> str:
    """`CSV` rather than `text/csv`."""
    known = labels.MEDIA_TYPES.get(media_type)
    if known is not None:
        return translate(known, {})
    return media_type.rsplit("/", 1)[-1].removeprefix("x-").removeprefix("vnd.")


blueprint.add_app_template_filter(pronom_link, "pronom")


@blueprint.app_template_filter("licence")
def licence(identifier: str) -> Licence:
    """A licence of our list, by its id."""
    return licence_called(identifier, language())


@blueprint.app_template_filter("ground_label")
def ground_label(identifier: str) -> str:
    """A lawful ground of personal data, in the reader's language."""
    ground = find_ground(identifier)
    return translate(ground.label, {}) if ground else identifier


@blueprint.app_template_filter("facet_value")
def facet_value(value: str, facet: str) -> str:
    """A facet's value as a reader calls it."""
    if facet == "type":
        return resource_type(value)
    if facet == "collection":
        return collection_title(value)
    if facet == "access":
        return label(value, "ACCESS")
    if facet == "language":
        return language_name(value, language())
    if facet == "format":
        return media(value)
    if facet == "topic":
        term = term_called(reading(), value)
        return term.label(language()) if term else value
    return value.upper() if facet == "license" else value


def collection_title(slug: str) -> str:
    """As the reader calls it; the slug itself where there is no such collection."""
    found = reading().session.scalar(select(Collection).where(Collection.slug == slug))
    return found.title(language()) if found else slug


@blueprint.app_template_filter("say")
def say(note: Note) -> str:
    return translate(note.message, note.params)


@blueprint.app_template_global("without")
def without(name: str, value: str) -> str:
    """The present search without one chosen value of a facet."""
    kept = [other for other in request.args.getlist(name) if other != value]
    return here(**{name: kept or None, "page": None})


def init_app(app: Flask) -> None:
    """Register the pages. Importing a module of views adds them to the blueprint."""
    from repository.discovery import (  # noqa: F401
        advanced,
        citing,
        comparing,
        embed,
        exports,
        feeds,
        files,
        home,
        landing,
        linkset,
        maps,
        searching,
        terms,
        watching,
    )
    from repository.discovery.about import pages, well_known  # noqa: F401
    from repository.discovery.dumps import views  # noqa: F401

    app.extensions[EXTENSION] = PageMemory()
    app.register_blueprint(blueprint)

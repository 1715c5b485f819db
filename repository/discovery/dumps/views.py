"""Where the dumps are fetched: a page, manifests, and files with ranges."""

from flask import abort, jsonify, redirect, render_template, send_file, url_for
from werkzeug.wrappers import Response

from repository.core.settings import Settings
from repository.discovery.blueprint import blueprint
from repository.discovery.dumps import shelf
from repository.web.caching import public
from repository.web.context import runtime
from repository.web.cors import readable_elsewhere

LATEST = "latest"
PAGE_SECONDS = 300


def _settings() -> Settings:
    return runtime().settings


def _named(name: str) -> str:
    """The dump of that name, `latest` for the newest. Aborts where there is none."""
    found = shelf.names(_settings())
    if name == LATEST and found:
        return found[0]
    if name not in found:
        abort(404)
    return name


@blueprint.get("/dumps/")
def dumps() -> Response:
    settings = _settings()
    known = (shelf.manifest(settings, name) for name in shelf.names(settings))
    made = [each for each in known if each is not None]
    return public(render_template("dumps/dumps.html", dumps=made), max_age=PAGE_SECONDS)


@blueprint.get("/dumps/manifest.json")
def dump_manifest() -> Response:
    """Every dump's manifest, newest first."""
    settings = _settings()
    known = (shelf.manifest(settings, name) for name in shelf.names(settings))
    response = jsonify({"dumps": [each for each in known if each is not None]})
    return readable_elsewhere(public(response, max_age=PAGE_SECONDS))


@blueprint.get("/dumps/<dump>/<dump_file>")
def dump_file(dump: str, dump_file: str) -> Response:
    """One file, with ranges. The newest leads to its dated name, so that what was begun can be
    gone on with after the next one was made.
    """
    name = _named(dump)
    if dump == LATEST:
        return redirect(url_for("discovery.dump_file", dump=name, dump_file=dump_file))
    settings = _settings()
    if dump_file == shelf.MANIFEST:
        return readable_elsewhere(public(jsonify(shelf.manifest(settings, name))))
    path = shelf.file_path(settings, name, dump_file)
    if path is None or not path.is_file():
        abort(404)
    response = send_file(path.resolve(), conditional=True, as_attachment=True, max_age=PAGE_SECONDS)
    return readable_elsewhere(response)

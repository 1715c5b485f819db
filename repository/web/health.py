"""Is it alive, is it ready, and how is it doing: for load balancers and operators."""

import time
from collections.abc import Callable, Iterator

import structlog
from flask import Blueprint, Flask, g, jsonify, make_response, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import func, select, text
from werkzeug.wrappers import Response

from repository.core.jobs import Job
from repository.core.runtime import Runtime
from repository.web.context import runtime

log = structlog.get_logger(__name__)
blueprint = Blueprint("health", __name__)
SECONDS = Histogram(
    "repository_request_seconds", "Time to answer", ["method", "endpoint", "status"]
)


@blueprint.get("/health/live")
def live() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify(status="ok")


@blueprint.get("/health/ready")
def ready() -> Response:
    """The database and the store answer, so that requests may be sent here."""
    parts = {"database": _answers(_database), "store": _answers(_store)}
    response = jsonify(
        status="ok" if all(parts.values()) else "unavailable",
        parts={name: "ok" if well else "unavailable" for name, well in parts.items()},
    )
    if not all(parts.values()):
        response.status_code = 503
        response.headers["Retry-After"] = "10"
    return response


def _answers(check: Callable[[Runtime], None]) -> bool:
    try:
        check(runtime())
    except Exception:
        log.exception("not ready", part=check.__name__)
        return False
    return True


def _database(parts: Runtime) -> None:
    with parts.read() as work:
        work.session.execute(text("SELECT 1"))


def _store(parts: Runtime) -> None:
    parts.store.check()


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus' text format: requests of all web processes, and the outbox as it is now."""
    registry = CollectorRegistry()
    registry.register(_Outbox(runtime()))
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:  # a single process, as the tests have it
        registry.register(SECONDS)
    response = make_response(generate_latest(registry))
    response.content_type = CONTENT_TYPE_LATEST
    return response


class _Outbox:
    """Jobs by state, counted when asked."""

    def __init__(self, parts: Runtime) -> None:
        self._parts = parts

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily("repository_jobs", "Jobs in the outbox", labels=["state"])
        with self._parts.read() as work:
            rows = work.session.execute(select(Job.state, func.count()).group_by(Job.state))
            for state, count in rows:
                family.add_metric([str(state)], count)
        yield family


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)

    @app.after_request
    def observe(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        seconds = time.perf_counter() - g.started
        SECONDS.labels(request.method, endpoint, response.status_code).observe(seconds)
        return response

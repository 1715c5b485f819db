"""`serve` on one machine: gunicorn and the job runner as two processes under one parent."""

import atexit
import gc
import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import wait
from types import FrameType

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.http import message

from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.web import logging

GRACE_SECONDS = 30
MAX_REQUEST_LINE = 65_536  # bytes; `web.limits` refuses sooner, with a page
RESTART_PAUSE = 1.0
log = structlog.get_logger(__name__)
_spawn = multiprocessing.get_context("spawn")


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """Gunicorn with our settings; each of its workers makes its own Runtime after the fork."""

    def __init__(self, settings: Settings, host: str, port: int) -> None:
        self._settings, self._bind = settings, f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        message.MAX_REQUEST_LINE = MAX_REQUEST_LINE  # no setting goes beyond gunicorn's own 8,190
        for name, value in {
            "bind": self._bind,
            "workers": self._settings.web_workers,
            "threads": self._settings.web_threads,
            "worker_class": "gthread",
            "limit_request_line": MAX_REQUEST_LINE,
            "graceful_timeout": GRACE_SECONDS,
            "loglevel": "warning",
            "proc_name": "repository-web",
            "forwarded_allow_ips": "127.0.0.1",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        from repository.app import create_app

        app = create_app(Runtime.from_settings(self._settings))
        gc.collect()
        gc.freeze()  # what is there by now stays: not gone through again during requests
        return app


def run_web(settings: Settings, host: str, port: int) -> None:
    """The body of the web process. It imports the application before it forks: its workers, also
    those that replace one that died, start at once, and share that memory.
    """
    logging.configure(settings)
    _end_without_parent()
    import_module("repository.app")
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)
    WebServer(settings, host, port).run()


def run_jobs(settings: Settings) -> None:
    """The body of the runner process."""
    from repository.worker import run_embedded

    _run_until_signal(settings, run_embedded)


def run_index(settings: Settings) -> None:
    """The body of the process that keeps this machine's search index, where jobs run elsewhere."""
    from repository.discovery.indexing import keep_following

    _run_until_signal(settings, keep_following)


def _run_until_signal(settings: Settings, body: Callable[[Runtime, threading.Event], None]) -> None:
    """Ends on SIGTERM or SIGINT."""
    logging.configure(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _end_without_parent()
    runtime = Runtime.from_settings(settings)
    try:
        body(runtime, stop)
    finally:
        runtime.close()


def _end_without_parent() -> None:
    """Send this process SIGTERM when its parent is gone, also when that was killed with -9."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch(sentinel: int) -> None:
        wait([sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()


class Supervisor:
    """Starts processes, starts again one that dies, and ends all of them together."""

    def __init__(self) -> None:
        self._bodies: dict[str, tuple[Callable[..., None], tuple[object, ...]]] = {}
        self._processes: dict[str, multiprocessing.process.BaseProcess] = {}
        self._stopping = threading.Event()

    def add(self, name: str, body: Callable[..., None], *args: object) -> None:
        self._bodies[name] = (body, args)

    def run(self) -> None:
        """Until SIGINT or SIGTERM; returns when every process has ended."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        for name in self._bodies:
            self._start(name)
        while not self._stopping.is_set():
            wait([process.sentinel for process in self._processes.values()], timeout=1)
            self._replace_dead()
        self._end()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _start(self, name: str) -> None:
        body, args = self._bodies[name]
        process = _spawn.Process(target=body, args=args, name=name)
        process.start()
        self._processes[name] = process

    def _replace_dead(self) -> None:
        for name, process in list(self._processes.items()):
            if not process.is_alive() and not self._stopping.is_set():
                log.error("a process died and is started again", name=name, code=process.exitcode)
                time.sleep(RESTART_PAUSE)
                self._start(name)

    def _end(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.join(GRACE_SECONDS + 5)
            if process.is_alive():
                process.kill()


def serve(settings: Settings, host: str, port: int) -> None:
    """Web server, and beside it the job runner or, where a broker has the jobs, what keeps this
    machine's search index; until a signal.
    """
    logging.configure(settings)
    supervisor = Supervisor()
    supervisor.add("web", run_web, settings, host, port)
    if not settings.broker_url.get_secret_value():
        supervisor.add("runner", run_jobs, settings)
    else:
        supervisor.add("index", run_index, settings)
    with tempfile.TemporaryDirectory(prefix="repository-metrics-") as folder:
        # where prometheus-client in each web process adds to one count; told to children alone
        os.putenv("PROMETHEUS_MULTIPROC_DIR", folder)
        supervisor.run()

"""Who sees what, everywhere: the table in `expectations.toml`, asked of every address there is."""

import gzip
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pytest
import urllib3
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.wrappers import Response

from repository.app import create_app
from repository.audit.models import AuditEvent
from repository.core.clock import FixedClock
from repository.core.jobs import Job
from repository.core.runtime import Runtime
from repository.discovery.dumps import shelf, writing
from repository.formats import registry
from repository.pid.models import Identifier
from repository.pid.payloads import target_of
from repository.web.limits import limiter
from repository.worker import import_all_jobs
from tests.access import addresses
from tests.access.addresses import OAI, Address
from tests.access.planting import (
    ALL_WORDS,
    EXPECTED,
    LINKS,
    PROVIDER,
    READERS,
    World,
    found_in,
    plant,
    promised,
    tried,
    word,
)
from tests.runtimes import NOW, make_settings
from tests.services.nginx import Serve
from tests.webapp import serving, sign_in

NOWHERE = "zzzzz-zzzzz"
CACHING_PROXY = """
proxy_cache_path /srv/cache keys_zone=shared:4m;
server {
    listen 80;
    location / {
        proxy_pass http://127.0.0.1:5000;
        proxy_cache shared;
        proxy_cache_key $request_uri;
        proxy_ignore_headers Vary Set-Cookie;
        add_header X-Cache $upstream_cache_status always;
    }
}
"""
SIGNED = re.compile(r"[\w.-]{60,}")  # CSRF tokens: they hold the second in which they were made


@dataclass
class Site:
    app: Flask
    world: World
    clients: dict[str, FlaskClient]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("canaries")
    url = f"sqlite:///{shutil.copy(sqlite_template, folder / 'repository.db')}"
    settings = make_settings(
        folder / "data",
        url,
        rate_limit="1000000 per minute",
        rate_limit_tables="1000000 per minute",
        oidc={"example": PROVIDER},
    )
    clock = FixedClock(NOW)
    import_all_jobs()
    runtime = Runtime.from_settings(settings, clock)
    world = plant(runtime, clock)
    app = create_app(runtime)
    app.testing = True
    clients = {reader: app.test_client() for reader in READERS}
    for reader, user in world.users.items():
        sign_in(clients[reader], user)
    for reader in LINKS:
        for secrets in (planted.secrets for planted in world.versions.values()):
            if secrets:
                clients[reader].get("/share", query_string={"key": secrets[reader]})
    yield Site(app, world, clients)
    runtime.close()


def everything_in(answer: Response) -> str:
    """Body and headers, as readable as a program could make them."""
    body = answer.data.decode("utf-8", "replace")
    if answer.mimetype == "application/json":
        body += json.dumps(json.loads(body), ensure_ascii=False) if body else ""
    return unquote(f"{answer.headers}\n{body}").lower()


def _every_get(site: Site, reader: str) -> Iterator[Address]:
    for address in addresses.of_everyone(site.app):
        if "GET" in address.methods:
            yield address
    for planted in (site.world.versions[state] for state in tried(reader)):
        for address in addresses.of_record(site.app, planted, planted.id):
            if "GET" in address.methods:
                yield address
        by_record = f"/records/{planted.record_id}"
        yield from (
            Address(url, "by record", frozenset({"GET"}))
            for url in (
                *(by_record, f"/api{by_record}", f"/api{by_record}/versions"),
                f"/api/3/action/package_show?id={planted.record_id}",
            )
        )
    if reader in ("anonymous", "owner"):
        yield from _harvested(site)


def _harvested(site: Site) -> Iterator[Address]:
    domain = "repository.test"
    for served in registry.harvestable():
        prefix = served.oai.prefix if served.oai else ""
        asked = [f"verb=ListRecords&metadataPrefix={prefix}"] + [
            f"verb=GetRecord&metadataPrefix={prefix}&identifier=oai:{domain}:{planted.id}"
            for planted in site.world.versions.values()
        ]
        yield from (Address(f"/oai2d?{each}", OAI, frozenset({"GET"})) for each in asked)


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_sees_what_the_table_says_and_nothing_else(site: Site, reader: str) -> None:
    client, may = site.clients[reader], promised(reader)
    open_to_all = promised("anonymous")
    seen: dict[str, str] = {}
    for address in _every_get(site, reader):
        with client.get(address.url) as answer:
            found = found_in(everything_in(answer))
            kept = answer.headers.get("Cache-Control", "")
        asked = found_in(unquote(address.url).lower())
        echoed = asked if answer.status_code != 200 else set()
        for each in found - echoed:
            seen.setdefault(each, address.url)
        if found - echoed - open_to_all:
            assert "private" in kept, f"{address.url} may be kept by shared caches: {kept}"
    leaked = {each: url for each, url in seen.items() if each not in may}
    assert not leaked
    missing = {each for each in may - seen.keys() if each.startswith(_asked_for(reader))}
    assert not missing, "promised, but seen nowhere"


def _asked_for(reader: str) -> tuple[str, ...]:
    return tuple(word(state, "") for state in tried(reader))


def test_heads_have_the_headers_of_gets_and_no_more(site: Site) -> None:
    client = site.clients["anonymous"]
    for address in _every_get(site, "stranger"):
        if address.endpoint == "static":
            continue
        with client.head(address.url) as answer:
            asked = found_in(unquote(address.url).lower())
            assert not answer.data, address.url
            assert found_in(everything_in(answer)) - asked <= promised("anonymous"), address.url


@pytest.mark.parametrize("state", [s for s, by in EXPECTED.items() if not by["anonymous"]])
@pytest.mark.parametrize("reader", ["anonymous", "former"])
def test_what_may_not_be_known_answers_as_what_never_was(
    site: Site, state: str, reader: str
) -> None:
    planted, client = site.world.versions[state], site.clients[reader]
    client.get("/").close()  # the first answer after signing in renews the session's cookie
    for identifier in (planted.id, planted.record_id):
        hidden = addresses.of_record(site.app, planted, identifier)
        absent = addresses.of_record(site.app, planted, NOWHERE)
        for one, other in zip(hidden, absent, strict=True):
            if "GET" in one.methods:
                limiter.reset()  # so that both are asked within the same allowance
                with _statements(site) as asked_of_hidden:
                    told = _told(client, one.url, identifier)
                with _statements(site) as asked_of_none:
                    assert told == _told(client, other.url, NOWHERE)
                assert asked_of_hidden == asked_of_none, (
                    f"{one.url} takes other work, so other time"
                )


@contextmanager
def _statements(site: Site) -> Iterator[list[str]]:
    """What is asked of the database meanwhile, without the values."""
    engine, asked = site.world.runtime.database.engine, list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _told(client: FlaskClient, url: str, identifier: str) -> tuple[int, str, list[str]]:
    with client.get(url, headers={"X-Request-ID": "the-same-request"}) as answer:
        text = SIGNED.sub("", answer.get_data(as_text=True).replace(identifier, "ID"))
        return answer.status_code, text, sorted(name for name, _ in answer.headers)


@pytest.mark.parametrize("reader", ["anonymous", "stranger"])
def test_who_may_not_change_a_record_learns_nothing_by_trying(site: Site, reader: str) -> None:
    client = site.app.test_client(use_cookies=False)
    token = site.world.tokens.get(reader)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for planted in site.world.versions.values():
        for address in addresses.of_record(site.app, planted, planted.id):
            for method in sorted(address.methods - {"GET"}):
                if not address.url.startswith("/api/"):
                    continue
                with client.open(address.url, method=method, headers=headers, json={}) as answer:
                    assert answer.status_code >= 400, f"{method} {address.url}"
                    asked = found_in(unquote(address.url).lower())
                    found = found_in(everything_in(answer)) - asked
                    assert found <= promised(reader), f"{method} {address.url}"


def _search(client: FlaskClient, query: str) -> Any:
    return client.get(f"/api/records?q={query}").json


@pytest.mark.parametrize("reader", READERS)
def test_totals_facets_and_suggestions_count_only_what_one_may_see(site: Site, reader: str) -> None:
    client, may = site.clients[reader], promised(reader)
    for each in sorted(ALL_WORDS):
        answer = _search(client, f"{each}&allversions=1")
        hits = {hit["id"] for hit in answer["hits"]["hits"]}
        assert answer["hits"]["total"] == len(hits)
        if each not in may:
            assert not hits, each
            assert not any(facet["buckets"] for facet in answer["aggregations"].values()), each
    assert _search(client, word("public", "title"))["hits"]["total"] == 1
    assert _search(client, word("public", "edit"))["hits"]["total"] == 0


def test_dumps_hold_what_the_world_may_know(site: Site) -> None:
    runtime = site.world.runtime
    folder = shelf.dumps_dir(runtime.settings) / writing.write_dump(runtime)
    with duckdb.connect() as database:
        asked = f"SELECT * FROM '{folder / writing.PARQUET}'"
        told = [repr(database.execute(asked).fetchall())]
    packed = (writing.JSONL, writing.NQUADS)
    told += [gzip.decompress((folder / name).read_bytes()).decode() for name in packed]
    for text in told:
        found = found_in(unquote(text).lower())
        assert found <= promised("anonymous")
        assert word("public", "title") in found
        assert word("lifted", "title") in found


def test_registries_are_told_what_the_world_may_know(site: Site) -> None:
    with site.world.runtime.read() as work:
        targets = [target_of(work, each) for each in work.session.scalars(select(Identifier))]
    told = "".join(repr(target) for target in targets).lower()
    assert found_in(told) <= promised("anonymous")
    assert word("public", "title") in told


def test_what_is_kept_for_operators_holds_no_words_of_records(site: Site) -> None:
    """The audit log and the queue say what was done to which id, never what was in it."""
    with site.world.runtime.read() as work:
        kept = [repr(event.detail) for event in work.session.scalars(select(AuditEvent))]
        kept += [
            f"{job.key} {job.payload} {job.last_error}" for job in work.session.scalars(select(Job))
        ]
    assert kept
    assert found_in("".join(kept).lower()) == set()


def test_logs_hold_no_words_of_records(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """But those that stand in the address that someone asked for."""
    caplog.set_level("DEBUG")
    for address in _every_get(site, "stranger"):
        if not found_in(unquote(address.url).lower()):
            site.clients["owner"].get(address.url).close()
            assert found_in(caplog.text.lower()) == set(), address.url
            caplog.clear()


def _personal(site: Site) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Addresses, and what those send who see more there than everyone does."""

    def cookie(reader: str) -> dict[str, str]:
        held = site.clients[reader].get_cookie("repository_session")
        assert held
        return {"Cookie": f"{held.key}={held.value}"}

    token = {"Authorization": f"Bearer {site.world.tokens['owner']}"}
    for address in addresses.of_everyone(site.app):
        if "GET" in address.methods:
            yield address.url, [cookie("admin"), cookie("curator"), cookie("download-link")]
    planted = site.world.versions["restricted-record"]
    for address in addresses.of_record(site.app, planted, planted.id):
        if "GET" in address.methods:
            holders = ("owner", "curator", *LINKS)
            yield address.url, [*(cookie(each) for each in holders), token]


def test_a_shared_cache_gives_nobody_what_another_was_sent(
    site: Site, nginx: Serve, tmp_path: Path
) -> None:
    """nginx, which obeys Cache-Control alone, as some caches do. What it kept of
    an answer to somebody signed in has to be what the repository tells a stranger.
    """
    stranger, kept = site.app.test_client(), 0
    with serving(site.app) as origin:
        changes = {"http://127.0.0.1:5000": origin, "/srv/cache": f"{tmp_path}/cache"}
        front = nginx(CACHING_PROXY, changes)
        host, asking = {"Host": "localhost"}, urllib3.PoolManager(timeout=60, retries=False)
        for url, holders in _personal(site):
            for held in holders:
                asking.request("GET", front + url, headers=host | held)
            told = asking.request("GET", front + url, headers=host)
            text = unquote(told.data.decode("utf-8", "replace") + str(told.headers)).lower()
            allowed = promised("anonymous") | found_in(unquote(url).lower())
            assert found_in(text) <= allowed, url
            if told.headers.get("X-Cache") == "HIT":
                kept += 1
                assert told.data == stranger.get(url).data, url
    assert kept, "the cache keeps nothing: this test shows nothing"


def test_who_is_refused_a_file_is_told_the_way_to_ask(site: Site) -> None:
    """At every address there is under a record whose description may be read and whose files may
    not: programs have problem+json and a `Link`, people a page that leads there.
    """
    planted, client = site.world.versions["restricted-files"], site.clients["anonymous"]
    way, refused = f"/records/{planted.id}/request-access", set[str]()
    for address in addresses.of_record(site.app, planted, planted.id):
        if "GET" not in address.methods:
            continue
        with client.get(address.url, headers={"Accept": "application/json"}) as answer:
            if answer.status_code != 403:
                continue
            refused.add(address.endpoint)
            assert answer.mimetype == "application/problem+json", address.url
            assert f"{way}>" in answer.headers["Link"], address.url
        with client.get(address.url, headers={"Accept": "text/html"}) as page:
            assert page.status_code == 403, address.url
            if page.mimetype == "text/html":
                assert f'href="{way}' in page.get_data(as_text=True), address.url
    files = {
        *("discovery.download", "discovery.download_all", "api.list_files", "api.download_file"),
        *("api.download_files", "previews.preview", "tables.table"),
    }
    assert files <= refused, files - refused

"""The curators' pages of vocabularies: look, send a file, see what it changes, map old codes."""

import io
import json
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.accounts.models import Actor, Role, User
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.vocabularies import staging
from repository.vocabularies.loading import Description
from repository.vocabularies.models import VocabularyImport
from repository.vocabularies.terms import current, term_of
from tests.vocabularies.test_importing import organisation, write
from tests.webapp import TOKEN, make_user, send_form, sign_in

FIRST = "code,vi,en,parent\nA,Đất phù sa,Fluvisols,\nB,Đất mặn,Saline soils,A\nC,Đất cũ,,\n"
SECOND = "code,vi,en,parent\nA,Đất phù sa,Alluvial soils,\nB,Đất mặn,Saline soils,A\nD,Mới,New,\n"


def curator(runtime: Runtime, client: FlaskClient) -> User:
    user = make_user(runtime, "curator@example.org", Role.CURATOR)
    sign_in(client, user)
    return user


def send(client: FlaskClient, name: str, text: str | bytes, **more: object) -> str:
    """Send a file, and give the address of its import."""
    data = text.encode() if isinstance(text, str) else text
    told = {"name": name, "version": "2025", "whole": "1"} | more
    sent = send_form(client, "/admin/vocabularies", file=(io.BytesIO(data), "list.csv"), **told)
    assert sent.status_code == 303, sent.text
    return str(sent.location)


def step(client: FlaskClient, address: str, name: str, page: str = "") -> TestResponse:
    """Press a button of an import; one that is not there any more too."""
    found = TOKEN.search(client.get(page or address).text)
    assert found
    return client.post(f"{address}/{name}", data={"csrf_token": found[1]})


def test_a_list_is_sent_looked_at_and_brought_in(
    sqlite_runtime: Runtime, client: FlaskClient
) -> None:
    curator(sqlite_runtime, client)
    for text, version in ((FIRST, "2025"), (SECOND, "2026")):
        address = send(client, "soils", text, version=version, title_vi="Đất")
        assert "hx-trigger" in client.get(f"{address}?lang=en").text
        run_until_idle(sqlite_runtime)
        page = client.get(f"{address}?lang=en").text
        assert "hx-trigger" not in page
        if text is FIRST:
            assert "New: 3" in page
            assert client.get("/admin/vocabularies/soils").status_code == 404, "nothing yet"
        else:
            assert all(f"{word}: 1" in page for word in ("New", "Changed", "Retired", "As before"))
            assert "<del>Fluvisols</del> <ins>Alluvial soils</ins>" in page
        assert step(client, address, "start").status_code == 303
        assert step(client, address, "start").status_code == 409
        run_until_idle(sqlite_runtime)
        assert "done" in client.get(f"{address}?lang=en").text
    page = client.get("/admin/vocabularies/soils?lang=en").text
    assert "Alluvial soils" in page
    assert "Đất cũ" not in page
    assert "Đất cũ" in client.get("/admin/vocabularies/soils?q=dat&retired=1").text
    assert "2026" in client.get("/admin/vocabularies?lang=en").text
    assert client.get("/admin/vocabularies/soils/terms.csv").text.startswith("code,vi,en")


def test_what_cannot_be_taken_is_told_beside_its_field(
    site_lists: Runtime, client: FlaskClient
) -> None:
    curator(site_lists, client)
    file = (io.BytesIO(b"no such columns\n"), "list.csv")
    refused = send_form(
        client,
        "/admin/vocabularies?lang=en",
        name="ford x",
        version="1",
        title_en="Kept",
        file=file,
    )
    assert refused.status_code == 400
    assert "Use letters a to z" in refused.text
    assert 'value="Kept"' in refused.text
    refused = send_form(client, "/admin/vocabularies?lang=en", name="soils", version="1")
    assert "Choose a file" in refused.text
    address = send(client, "soils", "no such columns\n")
    run_until_idle(site_lists)
    assert "The first row must name the columns" in client.get(f"{address}?lang=en").text
    assert step(client, address, "start").status_code == 409
    other = send(client, "soils", FIRST)
    assert step(client, other, "discard").status_code == 303
    run_until_idle(site_lists)
    assert client.get("/admin/vocabularies/soils").status_code == 404
    stranger = client.application.test_client()
    sign_in(stranger, make_user(site_lists, "reader@example.org"))
    for path in ("", "/ford", "/ford/terms/1.5", "/imports/1", "/ford/terms.csv"):
        assert stranger.get(f"/admin/vocabularies{path}").status_code == 403, path
    assert step(stranger, other, "start", "/account/profile").status_code == 403


def test_an_old_code_leads_to_the_new_one(sqlite_runtime: Runtime, client: FlaskClient) -> None:
    curator(sqlite_runtime, client)
    address = send(client, "soils", FIRST)
    run_until_idle(sqlite_runtime)
    step(client, address, "start")
    run_until_idle(sqlite_runtime)
    page = "/admin/vocabularies/soils/terms/C?lang=en"
    assert "no term with the code X" in send_form(client, page, newer="X").text
    assert send_form(client, page, newer="soils:A").status_code == 303
    assert "old=soils:C" in client.get(page).text, "merging is a click away"
    wrong = send_form(client, "/admin/vocabularies/soils/terms/A?lang=en", newer="C")
    assert "itself replaced by this one" in wrong.text
    with sqlite_runtime.read() as work:
        old = term_of(work, "soils", "C")
        assert old is not None
        assert old.retired
        assert current(work, old).code == "A"
    assert send_form(client, page, newer="").status_code == 303
    with sqlite_runtime.read() as work:
        old = term_of(work, "soils", "C")
        assert old is not None
        assert not old.retired


def test_a_dump_of_ror_counts_as_it_comes_in(runtime: Runtime, tmp_path: Path) -> None:
    """Two lists of one file; a job that was killed and runs again does no harm."""
    user = make_user(runtime, "curator@example.org", Role.CURATOR)
    told = [organisation(0), organisation(1, types=["funder"])]
    path = write(tmp_path, "dump.json", json.dumps(told))
    with path.open("rb") as stream:
        stored = runtime.store.write(stream)
    with runtime.work() as work:
        actor = Actor.of(user)
        description = Description("ror")
        number = staging.begin(work, actor, description, "2.1", stored, "dump.json", whole=True).id
    run_until_idle(runtime)
    with runtime.work() as work:
        staged = staging.start(work, actor, number)
        assert {name: told["added"] for name, told in staged.found.items()} == {
            "affiliations": 2,
            "funders": 1,
        }
    for _twice in range(2):
        staging.bring_in(runtime, number)
    with runtime.read() as work:
        staged = work.session.get_one(VocabularyImport, number)
        assert (staged.state, staged.done, staged.total) == ("done", 3, 3)
        assert term_of(work, "funders", "03yrm5c26") is not None

"""Where identifiers lead on the site, and the operator's page."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from repository.accounts.models import Role
from repository.core.runtime import Runtime
from repository.deposit.publish import withdraw
from repository.pid.models import PidState
from repository.records.models import Version
from tests.pid.helpers import depositor, identifier, published, run_jobs, succeeded
from tests.webapp import make_user, sign_in


@pytest.fixture
def version(sqlite_runtime: Runtime) -> Version:
    with sqlite_runtime.work() as work:
        made = published(work, "Dữ liệu mưa")
        made.record  # noqa: B018 loaded while the session is open
    run_jobs(sqlite_runtime)
    return made


def test_dois_of_version_and_concept_lead_to_the_landing_page(
    client: FlaskClient, sqlite_runtime: Runtime, version: Version
) -> None:
    with sqlite_runtime.work() as work:
        second = succeeded(work, version.id, "Second")
    for doi, target in (
        (version.doi, version.id),
        (str(version.doi).upper(), version.id),
        (version.record.doi, second.id),
    ):
        answer = client.get(f"/doi/{doi}")
        assert (answer.status_code, answer.location) == (303, f"/records/{target}")
        assert "Accept" in answer.vary


@pytest.mark.parametrize("doi", ["10.5072/unknown", "10.1/%3Cscript%3E", "10.5072/", "x"])
def test_unknown_dois_are_not_found(client: FlaskClient, doi: str) -> None:
    assert client.get(f"/doi/{doi}").status_code == 404


def test_hidden_records_answer_as_unknown_ones(
    client: FlaskClient, sqlite_runtime: Runtime
) -> None:
    with sqlite_runtime.work() as work:
        hidden = published(work, "Secret", record="restricted")
        concept = hidden.record.doi
    unknown = client.get("/doi/10.5072/unknown")
    for doi in (hidden.doi, concept):
        answer = client.get(f"/doi/{doi}")
        assert answer.status_code == 404
        assert len(answer.text) == len(unknown.text) + 2 * (len(str(doi)) - len("10.5072/unknown"))
    assert client.get(f"/ark:/99999/{hidden.id}").status_code == 404


def test_withdrawn_ones_still_lead_to_their_tombstone(
    client: FlaskClient, sqlite_runtime: Runtime, version: Version
) -> None:
    with sqlite_runtime.work() as work:
        again = work.session.get_one(Version, version.id)
        withdraw(work, depositor(work), again, "other")
    assert client.get(f"/doi/{version.doi}").location == f"/records/{version.id}"
    assert client.get(f"/doi/{version.record.doi}").location == f"/records/{version.id}"


def test_arks_with_and_without_hyphens(client: FlaskClient, version: Version) -> None:
    for name in (version.id, version.id.replace("-", ""), version.id.replace("-", "").upper()):
        for scheme in ("ark:/", "ark:"):
            answer = client.get(f"/{scheme}99999/{name}")
            assert (answer.status_code, answer.location) == (302, f"/records/{version.id}")
    assert client.get(f"/ark:/99998/{version.id}").status_code == 404
    assert client.get(f"/ark:/99999/{version.id}/no-such-file.csv").status_code == 404


def test_an_ark_tells_of_what_it_names(client: FlaskClient, version: Version) -> None:
    answer = client.get(f"/ark:/99999/{version.id}?info")
    assert answer.mimetype == "text/plain"
    assert answer.text.splitlines() == [
        "erc:",
        "who: Researcher, Example",
        "what: Dữ liệu mưa",
        "when: 2026-05-01",
        f"where: http://repository.test/records/{version.id}",
        f"persistent: ark:/99999/{version.id.replace('-', '')}",
    ]


def test_the_operators_page_is_for_curators(
    client: FlaskClient, sqlite_runtime: Runtime, version: Version
) -> None:
    assert client.get("/admin/identifiers").status_code == 302
    sign_in(client, make_user(sqlite_runtime))
    assert client.get("/admin/identifiers").status_code == 403


def test_an_operator_sees_states_and_retries(
    client: FlaskClient, sqlite_runtime: Runtime, version: Version
) -> None:
    sign_in(client, make_user(sqlite_runtime, role=Role.CURATOR))
    assert "There are none." in client.get("/admin/identifiers?lang=en").text
    with sqlite_runtime.work() as work:
        row = identifier(work, version.doi)
        row.failure = "422 titles Can't be blank"
        row.differences = [{"field": "url", "expected": "a", "found": "<b>"}]
        row.due_at = work.clock.now() + timedelta(hours=3)
    page = client.get("/admin/identifiers")
    assert "Can&#39;t be blank" in page.text
    assert "&lt;b&gt;" in page.text
    path = f"/admin/identifiers/{row.id}/retry"
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post(path, data={"csrf_token": token}).status_code == 302
    run_jobs(sqlite_runtime)
    with sqlite_runtime.read() as work:
        row = identifier(work, version.doi)
        assert (row.state, row.failure, row.is_pending) == (PidState.FINDABLE, None, False)
    for show in ("waiting", "differing", "findable", "withdrawn", "reserved", "all", "nonsense"):
        assert client.get(f"/admin/identifiers?show={show}").status_code == 200
    missing = client.post("/admin/identifiers/999/retry", data={"csrf_token": token})
    assert missing.status_code == 404

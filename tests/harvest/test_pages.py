"""The administrators' pages of sources."""

import pytest
from flask.testing import FlaskClient

from repository.accounts.models import Role
from repository.app import create_app
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.harvest.models import HarvestSource
from tests.harvest.conftest import OWNER, Here, There
from tests.webapp import TOKEN, make_user, send_form, sign_in

URL = "/admin/harvest?lang=en"


@pytest.fixture
def here(sqlite_runtime: Runtime) -> Here:
    return Here(sqlite_runtime)


def client_of(here: Here, role: Role = Role.ADMIN) -> FlaskClient:
    client = create_app(here.runtime).test_client()
    sign_in(client, make_user(here.runtime, "quantri@example.org", role))
    return client


def filled(address: str, **values: str) -> dict[str, str]:
    told = {"name": "Viện Mẫu", "address": address, "owner": OWNER, "every_hours": "24"}
    return told | {"enabled": "1"} | values


def test_a_source_is_added_harvested_changed_and_removed(here: Here, there: There) -> None:
    there.publish("Một", "Hai")
    client = client_of(here)
    added = send_form(client, URL, **filled(there.address))
    assert added.status_code == 303
    page = added.headers["Location"].partition("?")[0]
    assert "A run is under way." in client.get(f"{page}?lang=en").text
    run_until_idle(here.runtime)
    text = client.get(f"{page}?lang=en").text
    assert "2 new, 0 changed, 0 as before, 0 deleted, 0 not taken" in text
    assert "2 records known" in text
    saved = send_form(client, page, **filled(there.address, name="Tên khác", every_hours="168"))
    assert saved.status_code == 303
    assert "Every week" in client.get(URL).text
    token = TOKEN.search(client.get(page).text)
    assert token
    form = {"csrf_token": token[1], "whole": "1"}
    assert client.post(f"{page}/run", data=form).status_code == 303
    run_until_idle(here.runtime)
    assert "0 new, 0 changed, 2 as before" in client.get(f"{page}?lang=en").text
    assert client.post(f"{page}/remove", data=form).status_code == 303
    assert "There is no source yet." in client.get(URL).text


def test_what_is_wrong_stands_at_its_field(here: Here, there: There) -> None:
    client = client_of(here)
    answer = send_form(client, URL, **filled(f"{there.address}/none", name="Giữ lại"))
    assert answer.status_code == 400
    assert 'id="address-error"' in answer.text
    assert 'value="Giữ lại"' in answer.text
    answer = send_form(client, URL, **filled(there.address, owner="x", review="1"))
    assert 'id="owner-error"' in answer.text
    assert 'id="collection-error"' in answer.text
    with here.runtime.read() as work:
        assert work.session.query(HarvestSource).count() == 0


def test_what_was_refused_is_named(here: Here, there: There) -> None:
    (theirs,) = there.publish("Một")
    here.add(there.address)
    here.harvest()
    here.add(there.address, name="Cùng một nguồn")
    here.harvest()
    text = client_of(here).get(f"/admin/harvest/{here.source_id}?lang=en").text
    assert "Another source brings the same item already." in text
    assert f"oai:there.test:{theirs}" in text


def test_they_are_for_administrators(here: Here) -> None:
    assert create_app(here.runtime).test_client().get(URL).status_code == 302
    assert client_of(here, Role.CURATOR).get(URL).status_code == 403

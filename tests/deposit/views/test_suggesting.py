"""Terms of lists in the deposit form, by buttons alone."""

from flask.testing import FlaskClient

from repository.accounts.models import Actor
from repository.core.runtime import Runtime
from repository.deposit.drafts import create_draft
from repository.records.models import Draft
from repository.vocabularies.builtin import load_builtin
from repository.vocabularies.loading import Description, load
from repository.vocabularies.rows import TermRow
from tests.webapp import make_user, send_form, sign_in


def test_a_term_is_looked_up_and_taken_without_a_script(
    sqlite_runtime: Runtime, client: FlaskClient
) -> None:
    load_builtin(sqlite_runtime, only=("ford",))
    hue = TermRow("04gyf1771", "Viện Mẫu", "Model Institute", uri="https://ror.org/04gyf1771")
    load(sqlite_runtime, Description("affiliations", kind="affiliations"), [hue], "1")
    user = make_user(sqlite_runtime)
    sign_in(client, user)
    with sqlite_runtime.work() as work:
        draft = create_draft(work, Actor.of(user)).version_id
    url, typed = f"/deposit/{draft}", {"subjects/0/subject": "trai dat"}
    looked = send_form(client, url, revision="1", do="suggest:subjects/0/subject", **typed).text
    assert "take:subjects/0/subject=ford:1.5" in looked
    assert "trai dat" in looked, "nothing typed is lost"
    taken = send_form(
        client,
        url,
        revision="2",
        do="take:subjects/0/subject=ford:1.5",
        **{**typed, "creators/0/affiliations/0/name": "vien mau"},
    )
    assert "Khoa học trái đất và môi trường liên quan" in taken.text
    send_form(
        client,
        url,
        revision="3",
        do="take:creators/0/affiliations/0/name=affiliations:04gyf1771",
        **{"creators/0/affiliations/0/name": "vien mau"},
    )
    with sqlite_runtime.read() as work:
        metadata = work.session.get_one(Draft, draft).metadata_json
    place = metadata["creators"][0]["affiliations"][0]
    assert place["name"] == "Viện Mẫu"
    assert place["identifiers"] == [{"scheme": "ror", "identifier": "https://ror.org/04gyf1771"}]
    for wrong in ("take:subjects/0/subject=ford:99", "take:nothing=x", "suggest:a/b/c"):
        assert send_form(client, url, revision="4", do=wrong).status_code < 500


def test_the_script_is_told_the_same(sqlite_runtime: Runtime, client: FlaskClient) -> None:
    load_builtin(sqlite_runtime, only=("ford",))
    assert client.get("/deposit/suggest?of=subjects&q=trai").status_code != 200
    sign_in(client, make_user(sqlite_runtime))
    offered = client.get("/deposit/suggest?of=subjects&q=trai+dat&lang=vi").json
    assert offered is not None
    (found,) = offered
    assert found["key"] == "ford:1.5"
    assert found["rest"]["classification_code"] == "1.5"
    assert client.get("/deposit/suggest?of=nothing&q=trai").json == []

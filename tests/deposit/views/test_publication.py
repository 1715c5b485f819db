import io

import pytest
from flask.testing import FlaskClient

from repository.accounts.models import Actor, User
from repository.core.runtime import Runtime
from repository.deposit.drafts import edit_published, save_draft
from repository.records.models import Version
from tests.deposit.conftest import COMPLETE, Depositor
from tests.webapp import TOKEN, make_user, send_form, sign_in


@pytest.fixture
def lan(sqlite_runtime: Runtime, client: FlaskClient) -> User:
    user = make_user(sqlite_runtime)
    sign_in(client, user)
    return user


@pytest.fixture
def depositor(sqlite_runtime: Runtime, lan: User) -> Depositor:
    depositor = Depositor(sqlite_runtime, "unused@example.org")
    depositor.user, depositor.actor = lan, Actor.of(lan)
    return depositor


@pytest.fixture
def draft_id(depositor: Depositor) -> str:
    """One that may be published."""
    version_id = depositor.draft()
    depositor.upload(version_id, "số liệu/a.csv")
    return version_id


def token(client: FlaskClient, version_id: str) -> dict[str, str]:
    found = TOKEN.search(client.get(f"/deposit/{version_id}").text)
    assert found
    return {"X-CSRFToken": found[1], "Accept": "application/json"}


def test_looked_at_and_published(
    client: FlaskClient, draft_id: str, sqlite_runtime: Runtime
) -> None:
    assert COMPLETE["titles"][0]["title"] in client.get(f"/deposit/{draft_id}/preview").text
    question = client.get(f"/deposit/{draft_id}/publish?lang=en").text
    assert "everyone can download it" in question
    answer = send_form(client, f"/deposit/{draft_id}/publish", revision=1)
    assert answer.status_code == 302
    assert f"/records/{draft_id}" in answer.location
    with sqlite_runtime.read() as work:
        version = work.session.get_one(Version, draft_id)
        assert version.state == "published"
    assert version.doi is not None
    assert version.doi in client.get("/deposit?show=records").text


def test_what_was_changed_since_is_asked_again(
    client: FlaskClient, draft_id: str, lan: User, sqlite_runtime: Runtime
) -> None:
    with sqlite_runtime.work() as work:
        save_draft(work, Actor.of(lan), draft_id, metadata=COMPLETE | {"version": "2"})
    answer = send_form(client, f"/deposit/{draft_id}/publish", revision=1)
    assert answer.status_code == 412
    with sqlite_runtime.read() as work:
        assert work.session.get_one(Version, draft_id).state == "draft"


def test_what_is_missing_is_said_instead(client: FlaskClient, depositor: Depositor) -> None:
    version_id = depositor.draft({"titles": 3, "creators": [{"person_or_org": {}}]})
    page = client.get(f"/deposit/{version_id}/publish?lang=en")
    assert page.status_code == 200
    assert "still needed" in page.text
    assert 'name="revision"' not in page.text
    assert client.get(f"/deposit/{version_id}/preview").status_code == 200
    empty = depositor.draft({})
    assert "(still missing)" in client.get(f"/deposit/{empty}/preview?lang=en").text


def test_a_doi_ahead_of_time(client: FlaskClient, draft_id: str, sqlite_runtime: Runtime) -> None:
    answer = client.post(f"/deposit/{draft_id}/doi", headers=token(client, draft_id))
    assert answer.status_code == 302
    with sqlite_runtime.read() as work:
        doi = work.session.get_one(Version, draft_id).doi
    assert doi is not None
    assert doi in client.get(f"/deposit/{draft_id}").text


def test_the_life_of_a_record(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime
) -> None:
    version_id = depositor.published()
    headers = token(client, depositor.draft({}))
    edited = client.post(f"/deposit/{version_id}/edit", headers=headers)
    assert edited.location.startswith(f"/deposit/{version_id}")
    page = client.get(f"/deposit/{version_id}").text
    assert "data-drop-zone" not in page
    with sqlite_runtime.work() as work:
        titles = [{"title": "Tên mới", "lang": "vi"}]
        save_draft(work, depositor.actor, version_id, metadata=COMPLETE | {"titles": titles})
    depositor.publish(version_id)
    history = client.get(f"/deposit/{version_id}/history?lang=en").text
    assert "<ins>" in history
    assert "Tên mới" in history

    followed = client.post(f"/deposit/{version_id}/new-version", headers=headers)
    following = followed.location.rpartition("/")[2].partition("?")[0]
    assert following != version_id
    assert "data/a.csv" in client.get(f"/deposit/{following}").text
    assert send_form(client, f"/deposit/{following}/discard").status_code == 302
    with sqlite_runtime.read() as work:
        assert work.session.get(Version, following) is None

    assert send_form(client, f"/deposit/{version_id}/withdraw").status_code == 400
    gone = send_form(client, f"/deposit/{version_id}/withdraw", reason="duplicate", note="x")
    assert gone.status_code == 302
    with sqlite_runtime.read() as work:
        assert work.session.get_one(Version, version_id).state == "withdrawn"
    assert client.get(f"/deposit/{version_id}/withdraw").status_code == 403
    assert client.get("/deposit?show=records").status_code == 200


def test_nobody_elses_records(client: FlaskClient, lan: User, sqlite_runtime: Runtime) -> None:
    minh = Depositor(sqlite_runtime, "minh@example.org")
    version_id = minh.published()
    for page in ("history", "withdraw"):
        assert client.get(f"/deposit/{version_id}/{page}").status_code == 403
    draft_id = minh.draft()
    for page in ("", "/preview", "/publish", "/discard", "/files", "/files/data/a.csv"):
        assert client.get(f"/deposit/{draft_id}{page}").status_code == 404


def test_files_through_the_form(client: FlaskClient, draft_id: str) -> None:
    answer = send_form(
        client,
        f"/deposit/{draft_id}",
        revision=1,
        do="save",
    )
    assert answer.status_code == 302
    headers = token(client, draft_id)
    form = {"csrf_token": headers["X-CSRFToken"]}
    sent = form | {"files": [(io.BytesIO(b"x"), "b.csv"), (io.BytesIO(b"yy"), "c.csv")]}
    answer = client.post(f"/deposit/{draft_id}/files", data=sent)
    page = client.get(answer.location).text
    assert 'data-path="b.csv"' in page
    assert 'data-path="c.csv"' in page
    again = client.post(
        f"/deposit/{draft_id}/files", data=form | {"files": (io.BytesIO(b"zzz"), "b.csv")}
    )
    assert 'class="notice danger"' in client.get(again.location).text
    nothing = client.post(f"/deposit/{draft_id}/files", data=form)
    assert nothing.status_code == 400

    removed = client.post(f"/deposit/{draft_id}/files/remove", data=form | {"path": "b.csv"})
    page = client.get(removed.location).text
    assert 'data-path="b.csv"' not in page
    undo = page.partition('name="token" value="')[2].partition('"')[0]
    restored = client.post(f"/deposit/{draft_id}/files/restore", data=form | {"token": undo})
    assert 'data-path="b.csv"' in client.get(restored.location).text


def test_a_streamed_upload(client: FlaskClient, draft_id: str, sqlite_runtime: Runtime) -> None:
    url = f"/deposit/{draft_id}/files/thư mục/tệp 1%.csv"
    headers = token(client, draft_id) | {"Content-Type": "application/octet-stream"}
    first = client.put(url, data=b"a,b\n", headers=headers)
    assert first.status_code == 200
    assert first.json is not None
    assert first.json["path"] == "thư mục/tệp 1%.csv"
    assert "2 tệp" in first.json["total"]
    with client.get(url) as answer:
        assert answer.data == b"a,b\n"
    assert client.put(url, data=b"other", headers=headers).status_code == 409
    assert client.put(f"{url}?replace=1", data=b"other", headers=headers).status_code == 200
    gone = client.delete(url, headers=headers)
    assert gone.json is not None
    back = client.post(
        f"/deposit/{draft_id}/files/restore",
        data={"token": gone.json["undo"]},
        headers=token(client, draft_id),
    )
    assert back.json is not None
    assert "tệp 1%.csv" in back.json["row"]
    stranger = client.post(
        f"/deposit/{draft_id}/files/restore", data={"token": "x"}, headers=token(client, draft_id)
    )
    assert stranger.status_code == 400
    assert client.put(url, data=b"x").status_code == 400, "without the CSRF token"


def test_files_of_what_is_published_are_locked(client: FlaskClient, depositor: Depositor) -> None:
    version_id = depositor.published()
    with depositor.runtime.work() as work:
        edit_published(work, depositor.actor, version_id)
    headers = token(client, version_id) | {"Content-Type": "application/octet-stream"}
    assert (
        client.put(f"/deposit/{version_id}/files/x", data=b"x", headers=headers).status_code == 409
    )
    assert (
        client.delete(f"/deposit/{version_id}/files/data/a.csv", headers=headers).status_code == 409
    )


def test_long_lists_of_files_are_paged(
    client: FlaskClient, depositor: Depositor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repository.deposit.views.files.FILES_A_PAGE", 2)
    version_id = depositor.draft({})
    for name in "abc":
        depositor.upload(version_id, name)
    page = client.get(f"/deposit/{version_id}/files").text
    assert 'data-path="b"' in page
    assert 'data-path="c"' not in page
    assert 'data-path="c"' in client.get(f"/deposit/{version_id}/files?after=b").text


def test_a_draft_of_nothing_is_not_there(client: FlaskClient, lan: User) -> None:
    assert client.get("/deposit/aaaaa-aaaaa").status_code == 404

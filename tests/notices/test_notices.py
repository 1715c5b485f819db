"""A notice and its mail: in the reader's language, and never more than the reader may know."""

from datetime import timedelta

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.access.grants import grant_access, managed_record
from repository.accounts import notices, tokens
from repository.accounts.models import Actor, Scope, User
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit.drafts import create_draft
from repository.notices import services
from repository.records.access import AccessSettings
from tests.access.planting import metadata
from tests.services.smtp import Mailbox
from tests.webapp import TOKEN, make_user, sign_in

PING = notices.kind("test.ping", "%(who)s asks about “%(title)s”", "Answer within %(days)s days.")


def test_a_notice_is_mailed_in_the_users_language(
    mailing_runtime: Runtime, mailbox: Mailbox
) -> None:
    user = make_user(mailing_runtime)
    with mailing_runtime.work() as work:
        notices.notify(work, user, PING, url="/records/x", title="Lũ", who="Bình", days=7)
    run_until_idle(mailing_runtime)
    (sent,) = mailbox.to("lan@example.org")
    assert sent["Content-Language"] == "vi"
    assert "Bình asks about “Lũ”" in sent["Subject"]
    text = sent.get_content()
    assert "Kính gửi Nguyễn Thị Lan," in text
    assert "Answer within 7 days." in text
    assert "http://repository.test/records/x" in text


def test_a_record_is_named_only_while_its_reader_may_see_it(
    runtime: Runtime, clock: FixedClock
) -> None:
    owner, reader = make_user(runtime, "owner@example.org"), make_user(runtime)
    with runtime.work() as work:
        draft = create_draft(work, Actor.of(owner), metadata("draft"), AccessSettings())
        identifier = draft.version_id
    until = clock.now() + timedelta(days=1)
    with runtime.work() as work:
        record = managed_record(work, Actor.of(owner), identifier)
        grant_access(
            work,
            Actor.of(owner),
            record,
            email=reader.email,
            permission="edit",
            expires_at=until,
        )
        notices.notify(work, reader, PING, url="/", record_id=identifier, who="Bình", days=1)

    def shown() -> str:
        with runtime.read() as work:
            rows, total = services.page(work, Actor.of(reader), "en", offset=0, limit=5)
        assert total == 1
        return rows[0].text

    assert "kanaridrafttitle" in shown()
    clock.advance(timedelta(days=2))
    assert shown() == "Bình asks about “a record”"


def _tell(runtime: Runtime, user: User) -> None:
    with runtime.work() as work:
        notices.notify(work, user, PING, url="/search?q=a", who=user.email, days=1)


def _send(client: FlaskClient, url: str) -> TestResponse:
    found = TOKEN.search(client.get("/notices").text)
    assert found
    return client.post(url, data={"csrf_token": found[1]})


def test_reading_is_a_form_that_leads_on(sqlite_runtime: Runtime, client: FlaskClient) -> None:
    lan, binh = make_user(sqlite_runtime), make_user(sqlite_runtime, "binh@example.org")
    _tell(sqlite_runtime, lan)
    _tell(sqlite_runtime, binh)
    assert client.get("/notices").status_code == 302
    sign_in(client, lan)
    page = client.get("/notices").text
    assert "lan@example.org asks about" in page
    assert "binh@example.org asks" not in page
    assert 'class="bell unread"' in page
    answer = _send(client, "/notices/1/open")
    assert (answer.status_code, answer.location) == (303, "/search?q=a")
    assert 'class="bell unread"' not in client.get("/notices").text
    assert _send(client, "/notices/2/open").status_code == 404


def test_all_are_read_at_once(sqlite_runtime: Runtime, client: FlaskClient) -> None:
    lan = make_user(sqlite_runtime)
    for _ in range(25):
        _tell(sqlite_runtime, lan)
    sign_in(client, lan)
    assert client.get("/notices").text.count("asks about") == 20
    assert client.get("/notices?page=2").text.count("asks about") == 5
    assert _send(client, "/notices/read").status_code == 303
    assert 'class="unread"' not in client.get("/notices").text


def test_the_api_tells_the_same(sqlite_runtime: Runtime, client: FlaskClient) -> None:
    lan = make_user(sqlite_runtime)
    with sqlite_runtime.work() as work:
        _made, token = tokens.create_token(work, lan, name="t", scopes=[*Scope])
    _tell(sqlite_runtime, lan)
    _tell(sqlite_runtime, make_user(sqlite_runtime, "binh@example.org"))
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    told = client.get("/api/user/notifications", headers=headers).get_json()
    (hit,) = told["hits"]["hits"]
    assert hit["text"] == "lan@example.org asks about “a record”"
    assert (hit["read"], told["unread"], told["hits"]["total"]) == (None, 1, 1)
    read = client.post("/api/user/notifications/1/actions/read", headers=headers)
    assert read.get_json()["read"]
    wrong = client.post("/api/user/notifications/2/actions/read", headers=headers)
    assert wrong.status_code == 404
    assert client.post("/api/user/notifications/actions/read", headers=headers).status_code == 204
    assert client.get("/api/user/notifications").status_code == 401

"""Saved searches and followed records: each reader is told once, of what they may see."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from repository.accounts.models import Notice, User
from repository.core.clock import FixedClock
from repository.core.errors import NotFound, ValidationFailed
from repository.core.mail import Mail, text_of
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.discovery import following, saved
from repository.discovery.models import SavedSearch
from tests.discovery.conftest import Publish, add_version
from tests.webapp import make_user, send_form, sign_in


@pytest.fixture
def search_engine() -> str:
    return "tantivy"


def mails(runtime: Runtime) -> Sequence[str]:
    with runtime.read() as work:
        every = work.session.scalars(select(Mail).order_by(Mail.id))
        return [
            f"{each.to_address} {each.subject}\n{text_of(work.settings, each)}" for each in every
        ]


def keep(runtime: Runtime, query: str, frequency: str = "daily", user: int = 2) -> None:
    with runtime.work() as work:
        saved.save(work, work.session.get_one(User, user), "Khí hậu", query, frequency)


def later(runtime: Runtime, **time: float) -> None:
    clock = runtime.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(**time))


def publish_now(runtime: Runtime, title: str, **more: object) -> None:
    with runtime.work() as work:
        version = add_version(work, title, **more)  # type: ignore[arg-type]
        version.published_at = runtime.clock.now()
    run_until_idle(runtime)


def test_what_is_new_is_told_once_and_only_to_those_who_may_see_it(
    indexed: Runtime, publish: Publish
) -> None:
    publish("Khí hậu cũ")
    keep(indexed, "q=khi+hau&page=3&nonsense=1")
    keep(indexed, "q=khi+hau", "never", user=1)
    keep(indexed, "q=khi+hau", "weekly", user=1)
    later(indexed, hours=1)
    publish_now(indexed, "Khí hậu mới")
    publish_now(indexed, "Khí hậu kín", access="restricted", owner=1)
    assert saved.tell_of_news(indexed) == 0
    later(indexed, days=1)
    assert saved.tell_of_news(indexed) == 1
    later(indexed, days=1)
    assert saved.tell_of_news(indexed) == 1
    told = mails(indexed)
    assert len(told) == 1
    assert "user2@example.org" in told[0]
    assert "Khí hậu mới" in told[0]
    assert "kín" not in told[0]
    assert "cũ" not in told[0]
    later(indexed, days=7)
    assert saved.tell_of_news(indexed) == 2
    assert "Khí hậu kín" in mails(indexed)[1]
    with indexed.read() as work:
        kept = work.session.scalars(select(SavedSearch.arguments)).all()
    assert set(kept) == {"q=khi+hau"}


@pytest.mark.parametrize(
    ("name", "query", "frequency", "pointer"),
    [
        ("  ", "q=a", "daily", "/name"),
        ("A", "from=abc", "daily", "/from"),
        ("A", "q=a", "hourly", "/frequency"),
        ("A", "q=" + "a" * 3000, "daily", "/name"),
    ],
)
def test_what_cannot_be_kept(
    indexed: Runtime, name: str, query: str, frequency: str, pointer: str
) -> None:
    with indexed.work() as work, pytest.raises(ValidationFailed) as caught:
        saved.save(work, work.session.get_one(User, 2), name, query, frequency)
    assert [each.pointer for each in caught.value.errors] == [pointer]


def test_followers_are_told_of_a_new_version_they_may_see(
    indexed: Runtime, publish: Publish
) -> None:
    first = publish("Mực nước")
    with indexed.work() as work:
        for number in (1, 2):
            following.follow(work, work.session.get_one(User, number), first.record_id)
        with pytest.raises(NotFound):
            following.follow(work, work.session.get_one(User, 2), "absent")
    publish_now(indexed, "Mực nước 2", record=first.record_id, access="restricted")
    with indexed.work() as work:
        work.changed(first.record_id)
    run_until_idle(indexed)
    with indexed.read() as work:
        assert list(work.session.scalars(select(Notice.user_id))) == [1]
    with indexed.work() as work:
        following.unfollow(work, work.session.get_one(User, 1), first.record_id)
    publish_now(indexed, "Mực nước 3", record=first.record_id)
    with indexed.read() as work:
        assert list(work.session.scalars(select(Notice.user_id).order_by(Notice.id))) == [1, 2]
    assert "Mực nước 3" in mails(indexed)[1]


def test_through_the_pages(client: FlaskClient, sqlite_runtime: Runtime) -> None:
    user = make_user(sqlite_runtime, "reader@example.org")
    assert client.get("/searches").status_code == 302
    sign_in(client, user)
    form = client.get("/searches/new?q=lúa&type=dataset")
    assert 'value="lúa"' in form.text
    failed = send_form(client, "/searches/new?q=lúa", name="", frequency="daily")
    assert failed.status_code == 400
    assert "Hãy đặt tên cho tìm kiếm." in failed.text
    query = "/searches/new?q=lúa&type=dataset"
    assert send_form(client, query, name="Lúa mới", frequency="weekly").status_code == 303
    page = client.get("/searches").text
    assert "Lúa mới" in page
    assert "q=l%C3%BAa&amp;type=dataset" in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    sent = {"csrf_token": token[1], "frequency": "never"}
    for number, status in ((99, 404), (1, 303)):
        assert client.post(f"/searches/{number}", data=sent).status_code == status
    assert client.post("/searches/1", data=sent | {"delete": "1"}).status_code == 303
    assert "Lúa mới" not in client.get("/searches").text

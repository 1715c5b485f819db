"""A record handed over: whose it is then, what the owner until then may do, who may do it."""

from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from repository.accounts.models import Actor, Notice, Role, User
from repository.audit.models import AuditEvent
from repository.core.errors import NotFound
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.curation import collections
from repository.curation.reviews import DEPOSITOR, sides_of
from repository.deposit import owners, review
from repository.deposit.owners_cli import hand_over
from repository.records import quotas
from repository.records.models import Quota, Record, Scope
from repository.records.reviews import Review
from tests.api.conftest import Api, make_token
from tests.webapp import TOKEN, make_user, sign_in

CLOSED = {"record": "restricted", "files": "restricted"}
MAI, HOA = "mai@example.org", "hoa@example.org"


def api_of(app: Flask, runtime: Runtime, user: User) -> Api:
    return Api(app.test_client(use_cookies=False), runtime, make_token(runtime, user))


@pytest.fixture
def owner(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


@pytest.fixture
def mai(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime, MAI)


@pytest.fixture
def api(app: Flask, sqlite_runtime: Runtime, owner: User) -> Api:
    return Api(
        app.test_client(use_cookies=False), sqlite_runtime, make_token(sqlite_runtime, owner)
    )


@pytest.fixture
def hers(app: Flask, sqlite_runtime: Runtime, mai: User) -> Api:
    return api_of(app, sqlite_runtime, mai)


@pytest.fixture
def record(api: Api) -> str:
    return api.published(access=CLOSED)


def give(api: Api, record: str, **body: Any) -> int:
    return int(api.call("PUT", f"/records/{record}/access/owned_by", body).status_code)


def seen(api: Api, record: str) -> list[int]:
    asked = (("GET", f"/records/{record}"), ("GET", f"/records/{record}/files"))
    return [api.call(method, path).status_code for method, path in asked]


def used(runtime: Runtime, user: User) -> tuple[int, int]:
    with runtime.read() as work:
        found = quotas.standing(work, quotas.Holder(Scope.USER, str(user.id)))
        return found.used_bytes, found.used_files


def test_the_new_owner_has_it_with_its_room_and_the_old_one_nothing(
    api: Api, hers: Api, sqlite_runtime: Runtime, owner: User, mai: User, record: str
) -> None:
    taken = used(sqlite_runtime, owner)
    assert taken[1] > 0
    assert seen(hers, record) == [404, 404]
    assert give(api, record, user=MAI) == 200
    assert seen(hers, record) == [200, 200]
    assert seen(api, record) == [404, 404]
    assert (used(sqlite_runtime, owner), used(sqlite_runtime, mai)) == ((0, 0), taken)
    with sqlite_runtime.read() as work:
        for user in (owner, mai):
            holder = quotas.Holder(Scope.USER, str(user.id))
            assert quotas.counted(work, holder) == used(sqlite_runtime, user)
        told = work.session.execute(select(Notice.user_id, Notice.kind)).all()
        (event,) = work.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "record.hand-over")
        )
    assert [tuple(each) for each in told] == [(mai.id, "record.given")]
    assert event.detail == {"before": owner.id, "after": mai.id, "keeps": None}


def test_the_index_knows_whose_it_is(
    api: Api, hers: Api, sqlite_runtime: Runtime, record: str
) -> None:
    def found(asking: Api) -> int:
        run_until_idle(sqlite_runtime)
        return int(asking.call("GET", "/records").json["hits"]["total"])

    assert (found(api), found(hers)) == (1, 0)
    assert give(api, record, user=MAI) == 200
    assert (found(api), found(hers)) == (0, 1)


def test_what_the_old_owner_keeps_is_a_grant_and_the_new_owners_grant_is_gone(
    api: Api, hers: Api, sqlite_runtime: Runtime, record: str
) -> None:
    grant = {"subject": {"type": "user", "id": MAI}, "permission": "view"}
    api.call("POST", f"/records/{record}/access/grants", {"grants": [grant]})
    assert give(api, record, user=MAI, keeps="download") == 200
    assert seen(api, record) == [200, 200]
    listed = hers.call("GET", f"/records/{record}/access/grants").json["hits"]["hits"]
    assert [each["permission"] for each in listed] == ["download"]
    assert MAI not in str(listed)
    assert give(api, record, user=HOA) == 403, "it is not theirs to give any more"


def test_who_manages_but_does_not_own_may_not_and_a_curator_may(
    app: Flask, api: Api, hers: Api, sqlite_runtime: Runtime, owner: User, record: str
) -> None:
    make_user(sqlite_runtime, HOA)
    grant = {"subject": {"type": "user", "id": MAI}, "permission": "manage"}
    api.call("POST", f"/records/{record}/access/grants", {"grants": [grant]})
    assert give(hers, record, user=MAI) == 403
    curator = make_user(sqlite_runtime, "curator@example.org", role=Role.CURATOR)
    by = Api(
        app.test_client(use_cookies=False), sqlite_runtime, make_token(sqlite_runtime, curator)
    )
    assert give(by, record, user=HOA) == 200
    with sqlite_runtime.read() as work:
        told = work.session.execute(select(Notice.user_id, Notice.kind)).all()
    assert (owner.id, "record.taken") in [tuple(each) for each in told]


@pytest.mark.parametrize("email", ["nobody@example.org", ""])
def test_only_to_another_with_an_account(api: Api, owner: User, record: str, email: str) -> None:
    assert give(api, record, user=email or owner.email) == 400
    assert give(api, record, user=email or owner.email, keeps="everything") == 400
    assert seen(api, record) == [200, 200]


def test_nothing_is_moved_where_the_new_owner_has_no_room(
    api: Api, sqlite_runtime: Runtime, owner: User, mai: User, record: str
) -> None:
    with sqlite_runtime.work() as work:
        holder = quotas.Holder(Scope.USER, str(mai.id))
        quotas.open_row(work, holder)
        work.session.get_one(Quota, ("user", str(mai.id))).max_bytes = 1
    before = used(sqlite_runtime, owner)
    assert give(api, record, user=MAI) == 413
    assert (used(sqlite_runtime, owner), used(sqlite_runtime, mai)) == (before, (0, 0))
    assert seen(api, record) == [200, 200]


def test_on_the_page(client: FlaskClient, api: Api, mai: User, owner: User, record: str) -> None:
    sign_in(client, owner)
    page = f"/deposit/{record}/access"
    csrf = TOKEN.search(client.get(page).text)
    assert csrf

    def sent(**fields: str) -> TestResponse:
        return client.post(f"{page}/owner", data={"csrf_token": csrf[1], **fields})

    wrong = sent(new_owner="x@example.org")
    assert wrong.status_code == 400
    assert 'value="x@example.org"' in wrong.text
    kept = sent(new_owner=MAI, keeps="view")
    assert kept.status_code == 303
    assert kept.location == "/deposit"


def test_all_of_one_who_left(sqlite_runtime: Runtime, app: Flask) -> None:
    left, mai = make_user(sqlite_runtime), make_user(sqlite_runtime, MAI)
    api = api_of(app, sqlite_runtime, left)
    made = {api.published(), api.published()}

    def run(*arguments: str, catch: bool = True) -> Result:
        obj = lambda: sqlite_runtime  # noqa: E731
        return CliRunner().invoke(hand_over, arguments, obj=obj, catch_exceptions=catch)

    result = run(left.email, MAI)
    assert result.exit_code == 0, result.output
    assert "2 records handed over" in result.output
    with sqlite_runtime.read() as work:
        assert len(owners.records_of(work, mai)) == len(made)
        assert work.session.scalars(select(Record.owner_id).distinct()).all() == [mai.id]
        (told,) = work.session.scalars(select(Notice))
    assert (told.user_id, told.kind, told.params["count"]) == (mai.id, "records.given", 2)
    with pytest.raises(NotFound):
        CliRunner().invoke(
            hand_over,
            [left.email, "no@example.org"],
            obj=lambda: sqlite_runtime,
            catch_exceptions=False,
        )


def test_a_review_under_way_is_the_new_owners(
    api: Api, sqlite_runtime: Runtime, owner: User, mai: User
) -> None:
    """Nobody stays on a side who has nothing more to do with the record."""
    chief = Actor.of(make_user(sqlite_runtime, "chief@example.org", role=Role.CURATOR))
    draft = api.draft(files={"enabled": False})
    with sqlite_runtime.work() as work:
        told = {"title_vi": "Viện Mẫu", "slug": "vien-mau", "submission": "open"}
        collections.create(work, chief, told)
        review.choose(work, Actor.of(owner), draft, "vien-mau")
        review.submit(work, Actor.of(owner), draft)
    assert give(api, draft, user=MAI) == 200
    with sqlite_runtime.read() as work:
        (found,) = work.session.scalars(select(Review))
        assert sides_of(work, Actor.of(mai), found) == {DEPOSITOR}
        assert sides_of(work, Actor.of(owner), found) == set()

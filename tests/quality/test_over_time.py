"""What time and other records do to quality: means by day, warnings, bytes, doubles."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from repository.accounts.models import Actor, Role
from repository.app import create_app
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.curation import collections, placing
from repository.curation.members import set_member
from repository.quality import contacts, links, means, pairs, services
from repository.quality.models import QualityFinding
from repository.records.metadata.frequencies import ADDRESS
from repository.records.models import Version
from tests.discovery.library import METADATA, Depositor
from tests.services.smtp import Mailbox
from tests.webapp import make_user, send_form, serving, sign_in


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "deposited")


def failing(runtime: Runtime, version: str) -> set[str]:
    with runtime.read() as work:
        query = select(QualityFinding.check).where(QualityFinding.version_id == version)
        return set(work.session.scalars(query))


def test_the_means_of_collections_grow_into_a_chart(
    sqlite_runtime: Runtime, depositor: Depositor, clock: FixedClock, client: FlaskClient
) -> None:
    good, bad = depositor.publish({"a.txt": b"a"}), depositor.publish({"b.txt": b"b"}, rights=[])
    chief = Actor.of(make_user(sqlite_runtime, "chief@example.org", Role.CURATOR))
    keeper = make_user(sqlite_runtime, "keeper@example.org")
    with sqlite_runtime.work() as work:
        values = {"title_vi": "Viện", "slug": "vien", "submission": "open"}
        above = collections.create(work, chief, values)
        inner = collections.create(
            work, chief, values | {"slug": "phong", "title_vi": "Phòng", "parent": "vien"}
        )
        placing.add_record(work, depositor.actor, inner, bad)
        set_member(work, chief, above, email=keeper.email, role="curator")
        means.keep_means(work)
        means.keep_means(work)
        whole, of_above = means.over_time(work, 0), means.over_time(work, above.id)
        assert [(day.records, day.score) for day in of_above] == [
            (1, services.means(work, chief, [inner.id])["score"])
        ]
        assert whole[0].records == 2
        assert whole[0].score > of_above[0].score
    clock.advance(timedelta(days=1))
    with sqlite_runtime.work() as work:
        means.keep_means(work)
        assert len(means.over_time(work, above.id)) == 2
    sign_in(client, keeper)
    page = client.get("/collections/vien/quality?lang=en").text
    assert "<svg" in page
    assert bad in page
    assert good not in page
    assert client.get("/collections/phong/quality").status_code == 403
    assert client.get("/admin/duplicates").status_code == 403
    client = client.application.test_client()
    sign_in(client, make_user(sqlite_runtime, "second@example.org", Role.CURATOR))
    page = client.get("/admin/quality?order=shared&lang=en").text
    assert page.index("/collections/phong/quality") < page.index(f"/records/{bad}/quality")


def test_owners_are_warned_once_of_what_time_made_overdue(
    mailing_runtime: Runtime, mailbox: Mailbox, clock: FixedClock, tmp_path: Path
) -> None:
    depositor = Depositor(mailing_runtime, tmp_path / "deposited")
    yearly = {"subject": "Hằng năm", "scheme": "EU", "value_uri": f"{ADDRESS}ANNUAL"}
    record = depositor.publish({"a.txt": b"a"}, subjects=[*METADATA["subjects"], yearly])
    assert "update-kept" not in failing(mailing_runtime, record)
    for _twice in range(2):
        clock.advance(timedelta(days=600))
        with mailing_runtime.work() as work:
            assert services.assess_old(work) == 1
        run_until_idle(mailing_runtime)
    assert {"update-kept", "recently-checked"} <= failing(mailing_runtime, record)
    told = [mail for mail in mailbox.to(depositor.user.email) if "/quality" in mail.get_content()]
    assert len(told) == 1
    assert f"/records/{record}/quality" in told[0].get_content()


def test_bytes_that_are_not_what_the_name_says_are_found(
    sqlite_runtime: Runtime, depositor: Depositor
) -> None:
    record = depositor.publish({"a.pdf": b"PK\x03\x04 a workbook in truth", "b.txt": b"x"})
    assert "files-as-named" in failing(sqlite_runtime, record)


def test_doubles_of_all_the_repository_are_reported_until_somebody_looked(
    sqlite_runtime: Runtime, depositor: Depositor, client: FlaskClient
) -> None:
    other_title = [{"title": "Gốm sứ thời Lý ở Thăng Long"}]
    first = depositor.publish({"a.bin": b"the same bytes"})
    second = depositor.publish({"z.bin": b"the same bytes"}, titles=other_title)
    near = [{"title": "Lượng mưa ở đồng ví dụ.", "lang": "vi"}]
    third = depositor.publish({"c.bin": b"others"}, titles=near)
    hidden = {"record": "restricted", "files": "restricted"}
    depositor.publish({"d.bin": b"the same bytes"}, access=hidden, titles=other_title)
    assert "no-double" in failing(sqlite_runtime, second)
    anybody = Actor.of(make_user(sqlite_runtime, "anybody@example.org"))
    with sqlite_runtime.work() as work:
        assert pairs.find_pairs(work) == 4
        found, total = pairs.listed(work, depositor.actor, offset=0, limit=9)
        assert total == 4, "the owner of all sees all"
        found, total = pairs.listed(work, anybody, offset=0, limit=9)
        told = [({pair.one.id, pair.other.id}, pair.files) for pair in found]
        assert told == [({first, second}, 1), ({first, third}, 0)]
    sign_in(client, make_user(sqlite_runtime, "curator@example.org", Role.CURATOR))
    page = client.get("/admin/duplicates?lang=en").text
    assert page.count("These are two") == 4
    assert send_form(client, "/admin/duplicates", pair=str(found[0].id)).status_code == 303
    with sqlite_runtime.work() as work:
        pairs.find_pairs(work)
        assert pairs.listed(work, anybody, offset=0, limit=9)[1] == 1


def test_many_records_are_asked_about_as_seldom_as_one(
    sqlite_runtime: Runtime, depositor: Depositor
) -> None:
    """A sweep over thousands is a few queries, whatever lies in the records."""
    records = [
        depositor.publish({"a.csv": f"a,b\n1,{n}\n".encode(), "b.txt": b"all the same"})
        for n in range(6)
    ]
    asked: list[str] = []

    def assess(wanted: list[str]) -> int:
        with sqlite_runtime.work() as work:
            versions = [work.session.get_one(Version, each) for each in wanted]
            asked.clear()
            assert services.assess(work, versions) == len(wanted)
            return len(asked)

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(sqlite_runtime.database.engine, "before_cursor_execute", note)
    try:
        assert assess(records) == assess(records[:1]) <= 12
    finally:
        event.remove(sqlite_runtime.database.engine, "before_cursor_execute", note)
    assert all("no-double" not in failing(sqlite_runtime, each) for each in records)


def test_links_that_do_not_answer_for_three_days_are_dead(
    sqlite_runtime: Runtime, depositor: Depositor, clock: FixedClock
) -> None:
    answers = {"/here": "200 OK", "/gone": "404 Not Found", "/moved": "302 Found"}
    asked: list[str] = []

    def elsewhere(environ: dict[str, Any], start: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start(answers[environ["PATH_INFO"]], [("Location", "https://example.org/")])
        return [b"x"]

    settings = sqlite_runtime.settings.model_copy(update={"link_checks": "any"})
    on = replace(sqlite_runtime, settings=settings)
    with serving(elsewhere) as url:
        works = [
            {"identifier": f"{url}{path}", "scheme": "url", "relation_type": {"id": "references"}}
            for path in answers
        ]
        record = depositor.publish({"a.txt": b"a"}, related_identifiers=works)
        assert links.try_links(sqlite_runtime) == 0, "it is off by default"
        for day in range(4):
            with on.work() as work:
                services.assess(work, [work.session.get_one(Version, record)])
            assert ("links-answer" in failing(on, record)) is (day == 3)
            for _each in answers:  # one of a host at a time
                links.try_links(on)
            clock.advance(timedelta(days=1, minutes=1))
    assert sorted(asked) == ["/gone"] * 3 + ["/gone", "/here", "/moved"]


def test_owners_are_asked_once_a_year_whether_they_still_answer(
    mailing_runtime: Runtime, mailbox: Mailbox, clock: FixedClock, tmp_path: Path
) -> None:
    settings = mailing_runtime.settings.model_copy(update={"contact_checks": True})
    on = replace(mailing_runtime, settings=settings)
    depositor = Depositor(on, tmp_path / "deposited")
    hidden = {"record": "restricted", "files": "restricted"}
    records = [
        depositor.publish({"a.txt": b"a"}),
        depositor.publish({"b.txt": b"b"}, access=hidden),
    ]
    clock.advance(timedelta(days=360))
    assert contacts.ask(on) == 0, "what is new answers by itself"
    clock.advance(timedelta(days=10))
    assert contacts.ask(mailing_runtime) == 0, "it is off by default"
    assert [contacts.ask(on), contacts.ask(on)] == [1, 0]

    def found() -> list[bool]:
        with on.work() as work:
            services.assess(work, [work.session.get_one(Version, each) for each in records])
        return ["contact-answers" in failing(on, each) for each in records]

    def questions() -> list[str]:
        run_until_idle(on)
        told = [str(each.get_content()) for each in mailbox.to(depositor.user.email)]
        return [text for text in told if contacts.PAGE in text]

    assert found() == [False, False], "there is time to answer"
    clock.advance(timedelta(days=61))
    assert found() == [True, True]
    (mail,) = questions()
    link = re.search(r"http://repository\.test(/account/contact\S+)", mail)
    assert link
    app = create_app(on)
    client = app.test_client()
    english = link[1].replace("lang=vi", "lang=en")
    page = client.get(english).text
    assert "about 2 records" in page
    assert f"/records/{records[0]}" in page
    assert f"/records/{records[1]}" not in page, "the link alone shows what everybody may see"
    assert found() == [True, True], "opening it answers nothing"
    assert client.get(contacts.PAGE).status_code == 302, "without the link one signs in"
    assert send_form(client, link[1]).status_code == 303
    assert failing(on, records[0]).isdisjoint({"contact-answers"})
    assert found() == [False, False]
    assert "nothing to answer" in client.get(english).text
    assert client.get(link[1][:-3] + "abc").status_code == 410
    assert contacts.ask(on) == 0
    clock.advance(timedelta(days=310))
    assert contacts.ask(on) == 1
    assert found() == [False, False], "the answer of last year holds while there is time"
    assert len(questions()) == 2
    sign_in(client, depositor.user)
    assert f"/records/{records[1]}" in client.get(contacts.PAGE).text
    assert contacts.PAGE not in client.get("/notices").text, "a notice holds no signed link"

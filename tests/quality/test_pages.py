"""Scores as people see them: kept, followed, listed; and doubles, of which none is given away."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from repository.accounts.models import Actor, Role
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit.drafts import create_draft, edit_published, save_draft
from repository.deposit.publish import publish
from repository.quality.models import QualityFinding, QualityHistory, QualityScore
from tests.discovery.library import METADATA, Depositor
from tests.webapp import make_user, sign_in


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "deposited")


def json_of(client: FlaskClient, url: str) -> Any:
    return client.get(url).json


def test_a_score_is_kept_and_follows_what_changes(
    sqlite_runtime: Runtime, depositor: Depositor, client: FlaskClient
) -> None:
    record = depositor.publish({"a.txt": b"abc"}, rights=[])
    with sqlite_runtime.read() as work:
        before = work.session.get_one(QualityScore, record).score
        found = select(QualityFinding.check).where(QualityFinding.version_id == record)
        assert "licence" in work.session.scalars(found).all()
    with sqlite_runtime.work() as work:
        edit_published(work, depositor.actor, record)
        save_draft(work, depositor.actor, record, metadata=METADATA)
        publish(work, depositor.actor, record)
    run_until_idle(sqlite_runtime)
    told = json_of(client, f"/api/records/{record}/quality")
    assert told["score"] > before
    assert [each["score"] for each in told["history"]] == [before, told["score"]]
    with sqlite_runtime.read() as work:
        assert work.session.get_one(QualityScore, record).score == told["score"]
        assert len(work.session.scalars(select(QualityHistory)).all()) == 2


def test_the_badge_leads_to_an_explanation(depositor: Depositor, client: FlaskClient) -> None:
    record = depositor.publish({"a.txt": b"abc"}, rights=[])
    assert f"/records/{record}/quality" in client.get(f"/records/{record}").text
    page = client.get(f"/records/{record}/quality?lang=en")
    assert "Without one nobody may use the data" in page.text
    assert "Choose a licence" in page.text
    assert "RDA-R1.1-01M" in page.text


def test_what_files_hold_is_for_those_who_may_have_them(
    depositor: Depositor, client: FlaskClient
) -> None:
    table = b"email,n\n" + b"".join(b"p%d@example.org,1\n" % n for n in range(20))
    record = depositor.publish({"p.csv": table}, access={"files": "restricted"})
    public = json_of(client, f"/api/records/{record}/quality")
    assert "no-personal-data" not in {each["name"] for each in public["checks"]}
    assert "replace it by a code" not in client.get(f"/records/{record}/quality?lang=en").text
    sign_in(client, depositor.user)
    told = json_of(client, f"/api/records/{record}/quality")
    found = {each["name"]: each["passed"] for each in told["checks"]}
    assert found["no-personal-data"] is False
    assert "replace it by a code" in client.get(f"/records/{record}/quality?lang=en").text


def test_curators_see_what_to_mend_first(
    sqlite_runtime: Runtime, depositor: Depositor, client: FlaskClient
) -> None:
    good = depositor.publish({"a.txt": b"abc"})
    bad = depositor.publish({"b.txt": b"abc"}, rights=[], subjects=[], descriptions=[])
    assert client.get("/admin/quality").status_code in (302, 401)
    sign_in(client, depositor.user)
    assert client.get("/admin/quality").status_code == 403
    client = client.application.test_client()
    sign_in(client, make_user(sqlite_runtime, "curator@example.org", Role.CURATOR))
    page = client.get("/admin/quality?lang=en").text
    assert page.index(f"/records/{bad}/quality") < page.index(f"/records/{good}/quality")
    only = client.get("/admin/quality?check=licence").text
    assert bad in only
    assert good not in only
    assert client.get("/admin/quality?order=fair").status_code == 200
    assert client.get("/admin/quality?order=nonsense&check=nonsense").status_code == 200


def test_the_form_tells_what_would_add_most_and_of_doubles(
    sqlite_runtime: Runtime, depositor: Depositor, client: FlaskClient
) -> None:
    public = depositor.publish({"a.txt": b"the same bytes"})
    hidden = {"record": "restricted", "files": "restricted"}
    secret = depositor.publish({"a.txt": b"the same bytes"}, access=hidden)
    other = make_user(sqlite_runtime, "other@example.org")
    with sqlite_runtime.work() as work:
        like = {**METADATA, "titles": [{"title": "Lượng mưa ở đồng Ví Dụ.", "lang": "vi"}]}
        draft = create_draft(work, Actor.of(other), like | {"rights": []}).version_id
    sign_in(client, other)
    page = client.get(f"/deposit/{draft}?lang=en").text
    assert "A licence." in page
    assert "look like the same data" in page
    assert f"/records/{public}" in page
    assert secret not in page
    with sqlite_runtime.work() as work:
        unlike = {**METADATA, "titles": [{"title": "Gốm sứ thời Lý ở Thăng Long"}]}
        draft = create_draft(work, Actor.of(other), unlike).version_id
    assert "look like the same data" not in client.get(f"/deposit/{draft}?lang=en").text

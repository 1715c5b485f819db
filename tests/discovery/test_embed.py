"""The card of a record for other sites' frames."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.core.runtime import Runtime
from tests.discovery.library import Depositor
from tests.webapp import sign_in


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


def test_a_card_that_any_site_may_frame(client: FlaskClient, depositor: Depositor) -> None:
    record = depositor.publish({"a.txt": b"a"})
    answer = client.get(f"/records/{record}/card")
    assert "Lượng mưa ở Đồng Ví Dụ" in answer.text
    assert f'href="http://repository.test/records/{record}" target="_blank"' in answer.text
    assert "X-Frame-Options" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert answer.headers["Cache-Control"].startswith("public")
    page = client.get(f"/records/{record}")
    assert f"/records/{record}/card" in page.text
    assert page.headers["X-Frame-Options"] == "DENY"


def test_of_the_public_alone_whoever_asks(
    app: Flask, client: FlaskClient, depositor: Depositor
) -> None:
    tomorrow = (depositor.runtime.clock.now() + timedelta(days=1)).date().isoformat()
    closed = {"record": "restricted", "files": "restricted"}
    for access in (closed, closed | {"embargo": {"active": True, "until": tomorrow}}):
        hidden = depositor.publish({}, access=access)
        owner = app.test_client()
        sign_in(owner, depositor.user)
        for each in (client, owner):
            assert each.get(f"/records/{hidden}/card").status_code == 404
        assert "/card" not in owner.get(f"/records/{hidden}").text

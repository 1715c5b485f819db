"""A format that is one file more in the folder is everywhere that formats are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository import formats
from repository.app import create_app
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.formats import registry
from tests.discovery.library import Depositor

FORMAT = """
from repository.formats.base import Oai


class Plain:
    name = "plain"
    label = "Plain XML"
    media_type = "application/x-plain+xml"
    extension = "xml"
    oai = Oai("plain", "https://example.org/plain.xsd", "https://example.org/plain")

    def render(self, document):
        return b'<plain xmlns="https://example.org/plain">plain</plain>'
"""


@pytest.fixture
def _added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "plain_for_a_test.py").write_text(FORMAT)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    registry.formats.cache_clear()
    yield
    monkeypatch.undo()
    registry.formats.cache_clear()


@pytest.mark.usefixtures("_added")
def test_a_file_in_the_folder_is_a_format_everywhere(
    sqlite_runtime: Runtime, tmp_path: Path
) -> None:
    assert registry.formats()[-1].name == "plain"
    client = create_app(sqlite_runtime).test_client()
    record = Depositor(sqlite_runtime, tmp_path / "sources").publish({"a.txt": b"a"})
    run_until_idle(sqlite_runtime)
    address = f"http://repository.test/records/{record}/export/plain"
    page = client.get(f"/records/{record}")
    assert f"<{address}>" in page.headers["Link"]
    assert f'href="/records/{record}/export/plain"' in page.text
    assert address in client.get(f"/records/{record}/linkset").text
    asked = {"Accept": "application/x-plain+xml"}
    for path in (f"/records/{record}", f"/api/records/{record}", address):
        assert client.get(path, headers=asked).data.endswith(b">plain</plain>")
    refused = client.get(f"/records/{record}", headers={"Accept": "image/png"})
    assert "application/x-plain+xml" in refused.text
    known = client.get("/oai2d?verb=ListMetadataFormats").text
    assert "<metadataPrefix>plain</metadataPrefix>" in known
    harvested = client.get("/oai2d?verb=ListRecords&metadataPrefix=plain").text
    assert "plain</plain>" in harvested

"""Harvesters that others wrote, unmodified, over HTTP: everything, what changed, what went."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sickle
from click.testing import CliRunner, Result
from flask import Flask
from sickle.oaiexceptions import IdDoesNotExist, NoRecordsMatch
from werkzeug.serving import make_server

from repository.cli import main
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.oai import conformance
from tests.oai.publishing import Publisher

TIMEOUT = 30


@pytest.fixture
def address(small_app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, small_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/oai2d"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sickle(small_pages: Runtime, address: str, clock: FixedClock, method: str) -> None:
    publisher = Publisher(small_pages)
    ids = [publisher.publish(f"Record {number}") for number in range(7)]
    publisher.settle()
    client = sickle.Sickle(address, http_method=method, timeout=TIMEOUT)
    assert client.Identify().deletedRecord == "persistent"
    assert {"oai_dc", "oai_datacite"} <= {f.metadataPrefix for f in client.ListMetadataFormats()}
    assert "openaire_data" in {found.setSpec for found in client.ListSets()}
    everything = list(client.ListRecords(metadataPrefix="oai_dc"))
    assert {r.metadata["title"][0] for r in everything} == {f"Record {n}" for n in range(7)}

    clock.advance(timedelta(hours=1))
    since = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(NoRecordsMatch):
        client.ListRecords(metadataPrefix="oai_dc", **{"from": since})
    publisher.edit(ids[2], titles=[{"title": "Edited"}])
    publisher.withdraw(ids[5])
    publisher.settle()
    changed = {
        r.header.identifier: r
        for r in client.ListRecords(metadataPrefix="oai_dc", **{"from": since})
    }
    edited, withdrawn = (f"oai:repository.test:{ids[n]}" for n in (2, 5))
    assert changed.keys() == {edited, withdrawn}
    assert changed[edited].metadata["title"] == ["Edited"]
    assert changed[withdrawn].deleted
    with pytest.raises(IdDoesNotExist):
        client.GetRecord(identifier="oai:repository.test:none", metadataPrefix="oai_dc")


def test_oaipmh_scythe(small_pages: Runtime, address: str, clock: FixedClock) -> None:
    scythe_package = pytest.importorskip("oaipmh_scythe")
    publisher = Publisher(small_pages)
    ids = [publisher.publish(f"Record {number}") for number in range(7)]
    publisher.settle()
    with scythe_package.Scythe(address) as client:
        assert client.identify().repositoryName
        everything = list(client.list_records(metadata_prefix="oai_datacite"))
        assert len(everything) == 7
        clock.advance(timedelta(hours=1))
        since = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        publisher.withdraw(ids[0])
        publisher.settle()
        (gone,) = client.list_records(metadata_prefix="oai_dc", from_=since)
        assert gone.deleted


def test_conformance_over_http(small_pages: Runtime, address: str) -> None:
    publisher = Publisher(small_pages)
    for number in range(7):
        publisher.publish(f"Record {number}")
    publisher.settle()
    report = conformance.check(conformance.fetcher(address), "http://repository.test/oai2d")
    assert report.failures == []


def test_check_command(small_pages: Runtime, address: str) -> None:
    """An address that is not the public one is what it finds wrong, and nothing else."""
    publisher = Publisher(small_pages)
    publisher.publish()
    publisher.settle()
    result = CliRunner().invoke(main, ["oai", "check", address], obj=lambda: small_pages)
    assert result.exit_code == 1
    wrong = [line for line in result.output.splitlines() if line.startswith("wrong: ")]
    assert wrong
    assert all("request names" in line or "baseURL" in line for line in wrong)


def test_check_of_nothing_is_a_finding_not_a_crash(small_pages: Runtime) -> None:
    result = CliRunner().invoke(
        main, ["oai", "check", "http://127.0.0.1:9/oai2d"], obj=lambda: small_pages
    )
    assert result.exit_code == 1
    assert "identify" in result.output


def test_check_is_kept_for_the_operator(small_pages: Runtime, address: str) -> None:
    settings = small_pages.settings.model_copy(update={"base_url": address.removesuffix("/oai2d")})
    there = Runtime(settings, small_pages.database, small_pages.store, small_pages.clock)
    conformance.check_and_keep(there)
    with small_pages.read() as work:
        found = conformance.last_check(work)
    assert found is not None
    assert found.passed > 0


def test_rebuild_command(small_pages: Runtime) -> None:
    publisher = Publisher(small_pages)
    publisher.publish()
    publisher.settle()
    result = CliRunner().invoke(main, ["oai", "rebuild"], obj=lambda: small_pages)
    assert result.output.splitlines()[-1] == "1 versions looked at."
    again = CliRunner().invoke(main, ["oai", "rebuild"], obj=lambda: small_pages)
    assert again.output == "0 versions looked at.\n"
    everything = CliRunner().invoke(main, ["oai", "rebuild", "--all"], obj=lambda: small_pages)
    assert everything.output.splitlines()[-1] == "1 versions looked at."


def test_the_commands_for_operators(small_pages: Runtime, address: str) -> None:
    """`repository oai …`, as given. The server says another baseURL than its port."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["oai", *arguments], obj=lambda: small_pages)

    publisher = Publisher(small_pages)
    publisher.publish()
    publisher.settle()
    checked = run("check", address)
    assert checked.exit_code == 1
    assert f"wrong: baseURL is {address}\n" in checked.output
    assert " checks passed, " in checked.output
    rebuilt = run("rebuild", "--all")
    assert (rebuilt.exit_code, rebuilt.exception) == (0, None)
    assert rebuilt.output.endswith("\n1 versions looked at.\n")

from repository.core.runtime import Runtime
from repository.oai.conformance import check
from tests.oai.harvesting import NS, Endpoint
from tests.oai.publishing import Publisher


def test_published_record_is_served_in_every_format(
    publisher: Publisher, endpoint: Endpoint
) -> None:
    version_id = publisher.publish()
    publisher.settle()
    identifier = f"oai:repository.test:{version_id}"
    record = endpoint.records()[identifier]
    assert record.titles == ["Dữ liệu khí hậu đồng bằng", "Climate of the delta <1 & 2>"]
    assert {"type-dataset", "language-vi", "access-metadata-only", "openaire_data"} <= record.sets
    assert {"institution-04gyf1771", "subject-for-0401"} <= record.sets
    formats = endpoint.xml(verb="ListMetadataFormats", identifier=identifier)
    prefixes = [found.text for found in formats.iter(f"{NS}metadataPrefix")]
    assert {"oai_dc", "datacite"} <= set(prefixes)
    for prefix in prefixes:
        found = endpoint.xml(verb="GetRecord", identifier=identifier, metadataPrefix=str(prefix))
        assert found.find(f".//{NS}metadata") is not None


def test_nothing_published_is_no_records_and_no_sets(endpoint: Endpoint) -> None:
    assert endpoint.error(verb="ListRecords", metadataPrefix="oai_dc") == "noRecordsMatch"
    assert endpoint.error(verb="ListSets") == "noSetHierarchy"
    assert endpoint.error(verb="Identify") is None


def test_drafts_and_restricted_records_are_not_there(
    publisher: Publisher, endpoint: Endpoint
) -> None:
    publisher.publish(access={"record": "restricted", "files": "restricted"})
    publisher.settle()
    assert endpoint.records() == {}


def test_conformance_checks_pass(publisher: Publisher, endpoint: Endpoint) -> None:
    for number in range(7):
        publisher.publish(f"Record {number}")
    gone = publisher.publish("Gone")
    publisher.settle()
    publisher.withdraw(gone)
    publisher.settle()
    report = check(endpoint.fetch, "http://repository.test/oai2d")
    assert report.failures == []
    assert report.passed > 300


def test_conformance_checks_pass_across_pages(small_pages: Runtime) -> None:
    publisher = Publisher(small_pages)
    for number in range(9):
        publisher.publish(f"Record {number}")
    publisher.settle()
    from tests.oai.harvesting import make_app

    report = check(Endpoint(make_app(small_pages)).fetch, "http://repository.test/oai2d")
    assert report.failures == []

"""Whatever changes what is served gives the item a new datestamp; nothing else does."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.oai import rebuild, stamper
from repository.oai.models import OaiFormat, OaiFragment, OaiItem
from repository.oai.render import render_versions
from repository.records.models import Version
from tests.oai.harvesting import Endpoint
from tests.oai.publishing import Publisher


def item_of(runtime: Runtime, version_id: str) -> OaiItem:
    with runtime.read() as work:
        return work.session.scalars(select(OaiItem).where(OaiItem.version_id == version_id)).one()


def oai_id(version_id: str) -> str:
    return f"oai:repository.test:{version_id}"


def test_edit_bumps_the_datestamp(
    publisher: Publisher, endpoint: Endpoint, runtime: Runtime, clock: FixedClock
) -> None:
    version_id = publisher.publish("Before")
    publisher.settle()
    first = item_of(runtime, version_id)
    clock.advance(timedelta(hours=1))
    publisher.edit(version_id, titles=[{"title": "After"}])
    publisher.settle()
    second = item_of(runtime, version_id)
    assert second.seq > first.seq
    assert second.datestamp == first.datestamp + timedelta(hours=1)
    assert endpoint.records()[oai_id(version_id)].titles == ["After"]
    since = endpoint.records(from_=second.datestamp.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert list(since) == [oai_id(version_id)]


def test_doing_it_again_changes_nothing(publisher: Publisher, runtime: Runtime) -> None:
    version_id = publisher.publish()
    publisher.settle()
    first = item_of(runtime, version_id)
    assert stamper.refresh_versions(runtime, [version_id]) == 0
    assert item_of(runtime, version_id).seq == first.seq


def test_withdrawn_is_deleted_for_ever_in_its_sets(
    publisher: Publisher, endpoint: Endpoint, runtime: Runtime, clock: FixedClock
) -> None:
    version_id = publisher.publish()
    publisher.settle()
    clock.advance(timedelta(days=1))
    publisher.withdraw(version_id)
    publisher.settle()
    for found in (endpoint.records(), endpoint.records(set="type-dataset", from_="2026-11-24")):
        assert found[oai_id(version_id)].deleted
        assert found[oai_id(version_id)].metadata is None
    assert endpoint.error(verb="ListMetadataFormats", identifier=oai_id(version_id)) == (
        "noMetadataFormats"
    )
    with runtime.read() as work:
        assert work.session.scalars(select(OaiFragment)).all() == []


def test_restricting_deletes_at_once_and_opening_brings_back(
    publisher: Publisher, endpoint: Endpoint
) -> None:
    version_id = publisher.publish("Secret")
    publisher.settle()
    publisher.edit(version_id, access={"record": "restricted", "files": "restricted"})
    # Nothing has followed yet; the access rule already speaks.
    before_stamping = endpoint.get(verb="ListRecords", metadataPrefix="oai_dc").text
    assert "Secret" not in before_stamping
    assert 'status="deleted"' in before_stamping
    publisher.settle()
    assert endpoint.records()[oai_id(version_id)].deleted
    publisher.edit(version_id, access={"record": "public", "files": "public"})
    publisher.settle()
    assert endpoint.records()[oai_id(version_id)].titles == ["Secret"]


def test_embargo_is_lifted_on_its_day(
    publisher: Publisher, endpoint: Endpoint, clock: FixedClock
) -> None:
    until = {"active": True, "until": "2026-12-24"}
    hidden = publisher.publish(
        "Hidden", access={"record": "restricted", "files": "restricted", "embargo": until}
    )
    shown = publisher.publish(
        "Shown", access={"record": "public", "files": "restricted", "embargo": until}
    )
    publisher.settle()
    assert list(endpoint.records()) == [oai_id(shown)]
    assert "access-embargoed" in endpoint.records()[oai_id(shown)].sets
    clock.set(datetime(2026, 12, 24, 0, 10, tzinfo=UTC))
    lift(publisher.runtime)
    publisher.settle()
    found = endpoint.records(from_="2026-12-24")
    assert set(found) == {oai_id(hidden), oai_id(shown)}
    assert "access-embargoed" not in found[oai_id(shown)].sets


def lift(runtime: Runtime) -> None:
    with runtime.work() as work:
        work.enqueue("access.embargoes", "periodic:access.embargoes", {})


def test_new_version_changes_the_one_before(
    publisher: Publisher, endpoint: Endpoint, runtime: Runtime, clock: FixedClock
) -> None:
    first = publisher.publish("One")
    publisher.settle()
    clock.advance(timedelta(days=1))
    second = publisher.new_version(first, "Two")
    publisher.settle()
    assert set(endpoint.records(from_="2026-11-24")) == {oai_id(first), oai_id(second)}
    datacite = endpoint.get(
        verb="GetRecord", metadataPrefix="datacite", identifier=oai_id(first)
    ).text
    assert "IsPreviousVersionOf" in datacite


def test_leaving_a_set_drops_it_and_bumps(
    publisher: Publisher, endpoint: Endpoint, clock: FixedClock
) -> None:
    version_id = publisher.publish()
    publisher.settle()
    clock.advance(timedelta(days=1))
    publisher.edit(version_id, languages=[{"id": "eng"}])
    publisher.settle()
    record = endpoint.records(from_="2026-11-24")[oai_id(version_id)]
    assert "language-en" in record.sets
    assert "language-vi" not in record.sets
    assert endpoint.error(verb="ListRecords", metadataPrefix="oai_dc", set="language-vi") == (
        "noRecordsMatch"
    )


def test_an_earlier_look_never_overwrites_a_later_one(
    publisher: Publisher, endpoint: Endpoint, runtime: Runtime
) -> None:
    version_id = publisher.publish("Old")
    publisher.settle()
    slow = render_versions(runtime, [version_id])
    publisher.edit(version_id, titles=[{"title": "New"}])
    publisher.settle()
    with runtime.work() as work:
        assert stamper.stamp(work, slow) == 0
    assert endpoint.records()[oai_id(version_id)].titles == ["New"]


def test_changed_format_code_renders_all_anew(
    publisher: Publisher, endpoint: Endpoint, runtime: Runtime
) -> None:
    """As an upgrade finds it: bytes of another release's code, and its fingerprint."""
    same, other = publisher.publish("Same"), publisher.publish("Other")
    publisher.settle()
    rebuild.run(runtime)
    before = item_of(runtime, same).seq
    with runtime.work() as work:
        work.session.get_one(OaiFormat, "oai_dc").fingerprint = "of another release"
        changed = item_of(runtime, other)
        fragment = work.session.get_one(OaiFragment, ("oai_dc", changed.id))
        fragment.digest = b"other"
        fragment.body = b"<metadata><old xmlns='urn:old'/></metadata>"
    assert rebuild.run(runtime) == 2
    assert endpoint.records()[oai_id(other)].titles == ["Other"]
    assert item_of(runtime, same).seq == before
    assert item_of(runtime, other).seq > changed.seq
    assert rebuild.run(runtime) == 0


def test_format_that_is_gone_takes_its_bytes_along(publisher: Publisher, runtime: Runtime) -> None:
    version_id = publisher.publish()
    publisher.settle()
    item = item_of(runtime, version_id)
    with runtime.work() as work:
        gone = OaiFormat(prefix="gone", fingerprint="x", started_at=work.clock.now())
        body = OaiFragment(prefix="gone", item_id=item.id, digest=b"", body=b"<metadata/>")
        work.session.add_all([gone, body])
    rebuild.run(runtime)
    with runtime.read() as work:
        assert work.session.get(OaiFormat, "gone") is None
        assert work.session.get(OaiFragment, ("gone", item.id)) is None


def test_a_format_that_fails_leaves_the_others(
    publisher: Publisher, endpoint: Endpoint, runtime: Runtime
) -> None:
    """Metadata of a damaged row, which no format was written for."""
    version_id = publisher.publish()
    publisher.settle()
    renderings = render_versions(runtime, [version_id])
    broken = {"datacite": "ValueError: not possible"}
    bodies = {k: v for k, v in renderings[0].bodies.items() if k != "datacite"}
    damaged = type(renderings[0])(
        version_id, renderings[0].basis, False, True, bodies, broken, sets=renderings[0].sets
    )
    with runtime.work() as work:
        assert stamper.stamp(work, [damaged]) == 1
    assert oai_id(version_id) in endpoint.records()
    assert endpoint.records("datacite") == {}
    arguments = {"verb": "GetRecord", "identifier": oai_id(version_id)}
    assert endpoint.error(metadataPrefix="datacite", **arguments) == "cannotDisseminateFormat"
    assert stamper.refresh_versions(runtime, [version_id]) == 1
    assert oai_id(version_id) in endpoint.records("datacite")


def test_versions_that_are_drafts_are_nothing(publisher: Publisher, runtime: Runtime) -> None:
    with runtime.read() as work:
        assert work.session.scalars(select(Version)).all() == []
    assert stamper.refresh_versions(runtime, ["no-such"]) == 0


def test_a_format_that_does_not_suit_a_record_is_not_offered_for_it(
    publisher: Publisher, endpoint: Endpoint
) -> None:
    place = {"features": [{"geometry": {"type": "Point", "coordinates": [105.85, 21.03]}}]}
    plain, located = publisher.publish("Plain"), publisher.publish("Located", locations=place)
    publisher.settle()
    assert list(endpoint.records("iso19139")) == [oai_id(located)]
    arguments = {"verb": "GetRecord", "metadataPrefix": "iso19139"}
    assert endpoint.error(identifier=oai_id(plain), **arguments) == "cannotDisseminateFormat"
    publisher.edit(located, locations=None)
    publisher.settle()
    assert endpoint.error(verb="ListRecords", metadataPrefix="iso19139") == "noRecordsMatch"

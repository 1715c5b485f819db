"""A whole life: the first harvest, what changed, what was edited here, what went and came back."""

from datetime import timedelta

from lxml import etree

from repository.accounts.models import Actor
from repository.app import create_app
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.deposit import drafts
from repository.deposit.publish import publish
from repository.formats.xml import name_of
from repository.harvest import services
from repository.harvest.models import ItemState, RunState
from repository.oai.models import OaiFragment, OaiItem, OaiMembership
from repository.pid.models import Identifier
from repository.records.models import State
from tests.harvest.conftest import ADMIN, Here, There

TITLES = [f"Dữ liệu {number}" for number in range(7)]


def counts(run: object) -> tuple[int, ...]:
    names = ("created", "updated", "unchanged", "deleted", "refused")
    return tuple(getattr(run, name) for name in names)


def test_the_first_harvest_takes_everything_once(here: Here, there: There) -> None:
    ids = there.publish(*TITLES)
    here.add(there.address)
    run = here.harvest()
    assert (run.state, run.problem, run.prefix) == (RunState.DONE, "", "oai_datacite")
    assert counts(run) == (7, 0, 0, 0, 0)
    assert (run.pages, run.size) == (3, 7)
    versions = here.versions()
    assert set(versions) == set(TITLES)
    one = versions[TITLES[0]]
    assert one.doi == f"10.5555/{ids[0]}"
    assert not one.files_enabled
    assert [each["id"] for each in one.metadata_json["rights"]] == ["cc-by-4.0"]
    assert one.metadata_json["creators"][0]["person_or_org"]["family_name"] == "Nguyễn"
    origin = here.origin(one)
    assert origin.identifier == f"oai:there.test:{ids[0]}"
    assert origin.url == f"https://doi.org/10.5555/{ids[0]}"
    again = here.harvest()
    assert counts(again) == (0, 0, 7, 0, 0)  # within the overlap


def test_no_identifier_is_minted_and_none_is_sent(here: Here, there: There) -> None:
    there.publish(TITLES[0])
    here.add(there.address)
    here.harvest()
    one = here.versions()[TITLES[0]]
    with here.runtime.read() as work:
        (known,) = work.session.query(Identifier).all()
    assert (known.value, known.prefix, known.asked_at) == (one.doi, None, None)
    assert one.record.doi is None


def test_only_what_changed_is_asked_for(here: Here, there: There, clock: FixedClock) -> None:
    ids = there.publish(*TITLES)
    clock.advance(timedelta(hours=3))
    here.add(there.address)
    here.harvest()
    clock.advance(timedelta(hours=3))
    there.edit(ids[1], titles=[{"title": "Khác"}])
    there.withdraw(ids[2])
    run = here.harvest()
    assert counts(run) == (0, 1, 0, 1, 0)
    versions = here.versions()
    assert versions["Khác"].revision == 2
    gone = versions[TITLES[2]]
    assert gone.state == State.WITHDRAWN
    assert gone.withdrawal["reason"] == "removed-at-source"
    assert versions[TITLES[3]].revision == 1


def test_what_was_edited_here_stays_and_the_rest_follows(
    here: Here, there: There, clock: FixedClock
) -> None:
    (theirs,) = there.publish(TITLES[0])
    here.add(there.address)
    here.harvest()
    mine = here.versions()[TITLES[0]]
    edit(here, mine.id, subjects=[{"subject": "thêm ở đây"}])
    clock.advance(timedelta(hours=3))
    there.edit(theirs, titles=[{"title": "Mới"}], subjects=[{"subject": "của nguồn"}])
    assert counts(here.harvest()) == (0, 1, 0, 0, 0)
    merged = here.versions()["Mới"]
    assert merged.id == mine.id
    assert [each["subject"] for each in merged.metadata_json["subjects"]] == ["thêm ở đây"]
    edit(here, mine.id, subjects=[{"subject": "của nguồn"}])  # given up: it follows again
    clock.advance(timedelta(hours=3))
    there.edit(theirs, subjects=[{"subject": "mới của nguồn"}])
    here.harvest()
    subjects = here.versions()["Mới"].metadata_json["subjects"]
    assert [each["subject"] for each in subjects] == ["mới của nguồn"]


def edit(here: Here, version_id: str, **metadata: object) -> None:
    with here.runtime.work() as work:
        actor = Actor.of(here.owner)
        draft = drafts.edit_published(work, actor, version_id)
        drafts.save_draft(work, actor, version_id, metadata=draft.metadata_json | metadata)
        publish(work, actor, version_id)


def test_an_open_edit_is_waited_for(here: Here, there: There, clock: FixedClock) -> None:
    (theirs,) = there.publish(TITLES[0])
    here.add(there.address)
    here.harvest()
    mine = here.versions()[TITLES[0]]
    with here.runtime.work() as work:
        drafts.edit_published(work, Actor.of(here.owner), mine.id)
    clock.advance(timedelta(hours=3))
    there.edit(theirs, titles=[{"title": "Mới"}])
    assert counts(here.harvest()) == (0, 0, 0, 0, 1)
    assert [item.state for item in here.items().values()] == [ItemState.WAITING]
    with here.runtime.work() as work:
        drafts.discard_draft(work, Actor.of(here.owner), mine.id)
    clock.advance(timedelta(hours=9))  # the source does not list it again
    assert counts(here.harvest()) == (0, 1, 0, 0, 0)
    assert here.versions()["Mới"].id == mine.id


def test_what_comes_back_stands_again(here: Here, there: There, clock: FixedClock) -> None:
    (theirs,) = there.publish(TITLES[0])
    here.add(there.address)
    here.harvest()
    clock.advance(timedelta(hours=3))
    there.edit(theirs, access={"record": "restricted"})
    assert counts(here.harvest()) == (0, 0, 0, 1, 0)
    assert here.versions()[TITLES[0]].state == State.WITHDRAWN
    clock.advance(timedelta(hours=3))
    there.edit(theirs, access={})
    assert counts(here.harvest()) == (0, 1, 0, 0, 0)
    back = here.versions()[TITLES[0]]
    assert back.state == State.PUBLISHED
    assert back.withdrawal == {}
    assert create_app(here.runtime).test_client().get(f"/records/{back.id}").status_code == 200


def test_harvesters_here_see_whose_it_is(here: Here, there: There) -> None:
    (theirs,) = there.publish(TITLES[0])
    here.add(there.address)
    here.harvest()
    asked = "/oai2d?verb=ListRecords&metadataPrefix=oai_dc"
    answer = create_app(here.runtime).test_client().get(asked)
    (about,) = etree.fromstring(answer.data).iter("{http://www.openarchives.org/OAI/2.0/}about")
    told = {name_of(each): each.text for each in about.iter() if each.text}
    assert told["baseURL"] == there.address
    assert told["identifier"] == f"oai:there.test:{theirs}"
    assert told["metadataNamespace"] == "http://schema.datacite.org/oai/oai-1.1/"


def test_dublin_core_will_do(here: Here, there: There) -> None:
    (theirs,) = there.publish(TITLES[0])
    here.add(there.address, prefix="oai_dc", set_spec="type-dataset")
    run = here.harvest()
    assert (run.prefix, counts(run)) == ("oai_dc", (1, 0, 0, 0, 0))
    one = here.versions()[TITLES[0]]
    assert one.doi == f"10.5555/{theirs}"
    assert one.metadata_json["resource_type"]["id"] == "dataset"
    assert one.metadata_json["publication_date"] == "2026-05-17"
    assert one.metadata_json["languages"] == [{"id": "vie"}]
    assert here.origin(one).url == f"http://there.test/records/{theirs}"


def test_its_page_leads_to_the_source(here: Here, there: There) -> None:
    (theirs,) = there.publish(TITLES[0])
    here.add(there.address)
    here.harvest()
    page = (
        create_app(here.runtime)
        .test_client()
        .get(f"/records/{here.versions()[TITLES[0]].id}?lang=en")
    )
    assert "This description was harvested from Viện Mẫu, which keeps the data." in page.text
    assert f'href="https://doi.org/10.5555/{theirs}"' in page.text


def test_a_whole_list_shows_what_is_missing(here: Here, there: There) -> None:
    there.publish(*TITLES[:2])
    here.add(there.address)
    here.harvest()
    one = next(iter(here.items()))
    with there.runtime.work() as work:  # forgotten there, as where deletions are not told
        item = work.session.query(OaiItem).filter(OaiItem.oai_id == one).one()
        for table in (OaiFragment, OaiMembership):
            work.session.query(table).filter(table.item_id == item.id).delete()
        work.session.delete(item)
    run = here.harvest(whole=True)
    assert counts(run) == (0, 0, 1, 0, 0)
    assert here.items()[one].state == ItemState.MISSING
    assert all(each.state == State.PUBLISHED for each in here.versions().values())


def test_it_is_asked_again_when_its_time_comes(here: Here, there: There, clock: FixedClock) -> None:
    """Also a run of a command line that was closed: nobody has a job for it."""
    there.publish(TITLES[0])
    here.add(there.address)
    assert due(here) == 1
    assert due(here) == 0
    clock.advance(timedelta(hours=23))
    assert due(here) == 0
    clock.advance(timedelta(hours=2))
    assert due(here) == 1
    with here.runtime.work() as work:
        source = services.found(work, here.source_id)
        left = services.begin(work, ADMIN, source, ask=False).id
    assert due(here) == 0  # somebody works on it, for all that is known
    clock.advance(timedelta(minutes=11))
    assert due(here) == 1
    assert here.run(left).state == RunState.DONE


def due(here: Here) -> int:
    """How many runs were begun or taken up by the clock; they are done then."""
    with here.runtime.work() as work:
        begun = services.begin_due(work)
    run_until_idle(here.runtime)
    return begun

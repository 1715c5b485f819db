"""Records that a collection's curators see before anybody else."""

from datetime import timedelta

from repository.accounts.models import Actor
from repository.core.clock import FixedClock
from repository.curation import collections, reviews
from repository.deposit import review as reviewing
from repository.deposit.drafts import discard_draft
from repository.harvest.models import ItemState, RunState
from repository.records.models import Draft, State, Version
from repository.records.reviews import Review
from tests.harvest.conftest import ADMIN, Here, There
from tests.harvest.test_harvesting import counts


def begun(here: Here, there: There, *titles: str) -> list[str]:
    with here.runtime.work() as work:
        collections.create(work, ADMIN, {"slug": "vien-mau", "title_vi": "Viện Mẫu"})
    ids = there.publish(*titles)
    here.add(there.address, collection="vien-mau", review=True)
    assert counts(here.harvest()) == (len(titles), 0, 0, 0, 0)
    return ids


def drafts(here: Here) -> list[Draft]:
    with here.runtime.read() as work:
        return list(work.session.query(Draft).order_by(Draft.created_at, Draft.version_id))


def test_they_wait_in_the_queue_and_follow_their_source(
    here: Here, there: There, clock: FixedClock
) -> None:
    (theirs,) = begun(here, there, "Một")
    assert here.versions() == {}
    clock.advance(timedelta(hours=3))
    there.edit(theirs, titles=[{"title": "Hai"}])
    assert counts(here.harvest()) == (0, 1, 0, 0, 0)
    with here.runtime.work() as work:
        actor = Actor.of(here.owner)
        queued, total = reviews.queue(work, actor)
        assert total == 1
        reviewing.accept(work, actor, queued[0].review)
    published = here.versions()["Hai"]
    assert (published.state, published.doi) == (State.PUBLISHED, f"10.5555/{theirs}")
    clock.advance(timedelta(hours=3))
    there.edit(theirs, titles=[{"title": "Ba"}])
    assert counts(here.harvest()) == (0, 1, 0, 0, 0)
    assert here.versions()["Ba"].revision == 2


def test_what_is_deleted_before_it_was_looked_at_is_taken_out(
    here: Here, there: There, clock: FixedClock
) -> None:
    (theirs,) = begun(here, there, "Một")
    clock.advance(timedelta(hours=3))
    there.withdraw(theirs)
    assert counts(here.harvest()) == (0, 0, 0, 1, 0)
    assert drafts(here) == []
    with here.runtime.read() as work:
        assert work.session.query(Version).count() == 0
        assert work.session.query(Review).count() == 0


def test_what_was_thrown_away_does_not_come_back(here: Here, there: There) -> None:
    begun(here, there, "Một")
    (draft,) = drafts(here)
    with here.runtime.work() as work:
        review = reviews.of_version(work, draft.version_id)
        assert review is not None
        reviews.decline(work, Actor.of(here.owner), review, "không hợp")
        discard_draft(work, Actor.of(here.owner), draft.version_id)
    for _ in range(2):
        assert counts(here.harvest(whole=True)) == (0, 0, 0, 0, 1)
        assert [item.state for item in here.items().values()] == [ItemState.DECLINED]
    assert drafts(here) == []


def test_without_the_collection_nothing_is_published_unseen(here: Here, there: There) -> None:
    begun(here, there, "Một")
    there.publish("Hai")
    with here.runtime.work() as work:
        collections.delete(work, Actor.of(here.owner), "vien-mau")
    run = here.harvest()
    assert (run.state, counts(run)) == (RunState.FAILED, (0, 0, 0, 0, 0))
    assert "choose another" in run.problem
    assert here.versions() == {}

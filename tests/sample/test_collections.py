from itertools import chain

from repository.records.collections import CollectionRole, Kind, SubmissionPolicy
from repository.sample.collections import SAMPLE_COLLECTIONS
from repository.sample.records import sample_records
from repository.sample.users import DEMO_USERS


def test_every_sample_record_is_in_one_collection() -> None:
    placed = list(chain.from_iterable(each.records for each in SAMPLE_COLLECTIONS))
    assert sorted(placed) == sorted(record.slug for record in sample_records())


def test_collections_are_told_in_both_languages_and_in_known_words() -> None:
    known = {each.slug for each in SAMPLE_COLLECTIONS}
    for each in SAMPLE_COLLECTIONS:
        assert all((each.title_vi, each.title_en, each.description_vi, each.description_en))
        assert each.kind in list(Kind)
        assert each.submission in list(SubmissionPolicy)
        assert each.parent in known | {""}
        assert set(each.members.values()) <= set(CollectionRole)
        assert each.members.keys() <= {user.role for user in DEMO_USERS}

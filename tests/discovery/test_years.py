"""The picture of when."""

from hypothesis import given
from hypothesis import strategies as st

from repository.discovery.search import Bucket
from repository.discovery.years import MOST_BARS, timeline


def buckets(counts: dict[int, int]) -> list[Bucket]:
    return [Bucket(str(year), count, False) for year, count in counts.items()]


def test_each_year_has_its_bar() -> None:
    found = timeline(buckets({2019: 4, 2021: 2}), 2020, None)
    assert found
    assert [(bar.label, bar.count, bar.height, bar.chosen) for bar in found.bars] == [
        ("2019", 4, 1.0, False),
        ("2020", 0, 0.0, True),
        ("2021", 2, 0.5, True),
    ]


def test_one_year_is_no_picture() -> None:
    assert timeline(buckets({2020: 9}), None, None) is None
    assert timeline([], None, None) is None


@given(st.dictionaries(st.integers(1, 9999), st.integers(1, 10**6), min_size=2))
def test_few_bars_that_hold_everything(counts: dict[int, int]) -> None:
    found = timeline(buckets(counts), None, None)
    assert found
    assert len(found.bars) <= MOST_BARS
    assert sum(bar.count for bar in found.bars) == sum(counts.values())
    assert (found.first, found.last) == (min(counts), max(counts))
    assert all(a.last + 1 == b.first for a, b in zip(found.bars, found.bars[1:], strict=False))

"""A picture of when: how many results are of which years, in bars that one can choose."""

from collections.abc import Sequence
from dataclasses import dataclass

from repository.discovery.search import Bucket

MOST_BARS = 10  # so many fit beside the results, each wide enough for a finger
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Bar:
    """`height` is a share of the highest bar, so that even one result can be seen."""

    first: int
    last: int
    count: int
    height: float
    chosen: bool

    @property
    def label(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


@dataclass(frozen=True)
class Timeline:
    bars: list[Bar]

    @property
    def first(self) -> int:
        return self.bars[0].first

    @property
    def last(self) -> int:
        return self.bars[-1].last


def timeline(years: Sequence[Bucket], low: int | None, high: int | None) -> Timeline | None:
    """Bars of as many years as it takes to need few; None where there is one year or none."""
    counts = {int(each.value): each.count for each in years if each.count and each.value.isdigit()}
    if len(counts) < 2:
        return None
    first, last = min(counts), max(counts)
    step = next((s for s in STEPS if last // s - first // s < MOST_BARS), STEPS[-1])
    sums: dict[int, int] = {}
    for year, count in counts.items():
        sums[year // step] = sums.get(year // step, 0) + count
    highest = max(sums.values())
    bars = []
    for number in range(first // step, last // step + 1):
        begin, end = max(number * step, first), min(number * step + step - 1, last)
        count = sums.get(number, 0)
        inside = (low is None or end >= low) and (high is None or begin <= high)
        share = max(count / highest, 0.04) if count else 0.0
        bars.append(Bar(begin, end, count, share, inside))
    return Timeline(bars)

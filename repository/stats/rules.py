"""What counts, by the COUNTER Code of Practice for Research Data."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

DOUBLE_CLICK = timedelta(seconds=30)
# Programs that people run, by the first word of their User-Agent: counted, as machine use.
PROGRAMS = re.compile(
    r"^(curl|wget|python|python-requests|python-urllib3?|httpx|aiohttp|pooch|libcurl|httr2?|rclone|"
    r"aria2|go-http-client|java|okhttp|apache-httpclient|julia|matlab|axios|node|r)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Click:
    """One event of a visitor with one record."""

    at: datetime
    is_download: bool
    machine: bool
    version_id: str
    target: str
    bytes: int


@dataclass
class Count:
    views: int = 0
    unique_views: int = 0
    downloads: int = 0
    unique_downloads: int = 0
    unique_any: int = 0
    bytes: int = 0


def visitor_of(salt: bytes, address: str, agent: str) -> str:
    """Who, for one day: without the salt nobody can tell, or tell again tomorrow."""
    return hmac.new(salt, f"{address}\0{agent}".encode(), hashlib.sha256).hexdigest()[:32]


def is_program(agent: str) -> bool:
    return bool(PROGRAMS.match(agent))


@cache
def robots(more: Path | None = None) -> re.Pattern[str]:
    """The patterns of `robots.txt` beside this file, and of a list of the operator's own."""
    lines = Path(__file__).with_name("robots.txt").read_text(encoding="utf-8").splitlines()
    if more is not None:
        lines += more.read_text(encoding="utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def is_robot(agent: str, more: Path | None = None) -> bool:
    """Who does not say what it is, is taken for a robot too."""
    return not agent.strip() or bool(robots(more).search(agent))


def counted(clicks: Iterable[Click]) -> Iterator[Click]:
    """Without double clicks: of clicks on the same within 30 seconds the last one counts.

    `clicks` are of one visitor, in the order of time.
    """
    last: dict[tuple[bool, str, str], Click] = {}
    for click in clicks:
        key = (click.is_download, click.version_id, click.target)
        before = last.get(key)
        if before is not None and click.at - before.at > DOUBLE_CLICK:
            yield before
        last[key] = click
    yield from last.values()


@dataclass
class Tally:
    """Counts by item and kind of use, of a whole day, one visitor's record after another."""

    counts: dict[tuple[str, bool], Count] = field(default_factory=dict)

    def add(self, record_id: str, clicks: Iterable[Click]) -> None:
        """All clicks of one visitor on one record. A session is an hour of the day."""
        seen: dict[tuple[str, bool], dict[str, set[int]]] = {}
        for click in counted(clicks):
            for item in (click.version_id, record_id):
                key = (item, click.machine)
                count = self.counts.setdefault(key, Count())
                kind = "downloads" if click.is_download else "views"
                setattr(count, kind, getattr(count, kind) + 1)
                count.bytes += click.bytes
                hours = seen.setdefault(key, {"views": set(), "downloads": set()})
                hours[kind].add(click.at.hour)
        for key, hours in seen.items():
            count = self.counts[key]
            count.unique_views += len(hours["views"])
            count.unique_downloads += len(hours["downloads"])
            count.unique_any += len(hours["views"] | hours["downloads"])

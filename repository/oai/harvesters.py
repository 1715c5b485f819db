"""Who harvests, how far they are, and what goes wrong: for the operator's page.

Counted in memory and written every few seconds, in a thread of its own, so that a harvest's reads
neither become writes nor wait for one. What a process had not written when it ended is lost; these
are hints, not accounts. Addresses are kept as networks only.
"""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.oai.errors import OaiError
from repository.oai.listing import Page, Selection
from repository.oai.models import OaiHarvester

FLUSH_SECONDS = 5.0
MAX_WAITING = 500
KEPT = timedelta(days=90)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Client:
    agent: str
    network: str

    @classmethod
    def of(cls, agent: str, address: str) -> "Client":
        return cls(agent[:300], network_of(address))


def network_of(address: str) -> str:
    """The /24 (IPv4) or /48 (IPv6) around an address; empty for what is none."""
    try:
        length = 24 if ip_address(address).version == 4 else 48
    except ValueError:
        return ""
    return str(ip_network(f"{address}/{length}", strict=False))


@dataclass
class _Seen:
    requests: int = 0
    records: int = 0
    errors: int = 0
    last_error: str = ""
    position: int | None = None
    size: int | None = None


_Key = tuple[Client, str, str]


class Observer:
    """One per web process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._seen: dict[_Key, _Seen] = {}
        self._due = time.monotonic() + FLUSH_SECONDS

    def page(self, client: Client, selection: Selection, page: Page) -> None:
        with self._lock:
            seen = self._entry((client, selection.prefix, selection.set_spec or ""))
            seen.requests += 1
            seen.records += len(page.entries)
            seen.position, seen.size = page.cursor + len(page.entries), page.size

    def error(self, client: Client, prefix: str, set_spec: str, wrong: OaiError) -> None:
        with self._lock:
            seen = self._entry((client, prefix, set_spec))
            seen.requests += 1
            seen.errors += 1
            seen.last_error = f"{wrong.code}: {wrong.message}"[:500]

    def _entry(self, key: _Key) -> _Seen:
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + FLUSH_SECONDS
            threading.Thread(target=self._flush_quietly, name="oai-harvesters").start()
        if len(self._seen) >= MAX_WAITING and key not in self._seen:
            return _Seen()
        return self._seen.setdefault(key, _Seen())

    def _flush_quietly(self) -> None:
        try:
            self.flush()
        except SQLAlchemyError as error:
            log.warning("harvesters not written", error=str(error))

    def flush(self) -> None:
        """Write what was seen since the last time."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return
        with self._runtime.work() as work:
            work.lock("oai-harvesters")
            oldest = work.clock.now() - KEPT
            work.session.execute(delete(OaiHarvester).where(OaiHarvester.last_at < oldest))
            for key, counted in seen.items():
                _add(work, key, counted)


def _add(work: Work, key: _Key, seen: _Seen) -> None:
    client, prefix, set_spec = key
    digest = sha256(repr(key).encode()).hexdigest()
    row = work.session.get(OaiHarvester, digest)
    if row is None:
        row = OaiHarvester(
            key=digest,
            agent=client.agent,
            network=client.network,
            prefix=prefix[:40],
            set_spec=set_spec[:255],
            requests=0,
            records=0,
            errors=0,
            last_error="",
            position=0,
            size=0,
            first_at=work.clock.now(),
        )
        work.session.add(row)
    row.requests += seen.requests
    row.records += seen.records
    row.errors += seen.errors
    row.last_error = seen.last_error or row.last_error
    row.position = row.position if seen.position is None else seen.position
    row.size = row.size if seen.size is None else seen.size
    row.last_at = work.clock.now()


def recent(work: Work, limit: int = 50) -> list[OaiHarvester]:
    """Harvesters, the most recent first."""
    query = select(OaiHarvester).order_by(OaiHarvester.last_at.desc()).limit(limit)
    return list(work.session.scalars(query))

"""Asking an endpoint what a strict harvester would, and keeping what was found wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import urllib3
from lxml import etree
from sqlalchemy import select

from repository.core.jobs import Job
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.oai.models import OaiCheck

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
TIMEOUT_SECONDS = 60
MAX_BYTES = 64 << 20
MAX_FAILURES = 100
HEADERS = {"Accept": "text/xml", "Accept-Encoding": "gzip", "User-Agent": "oai-check"}
CHECK_KEY = "oai.check"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Reply:
    """An answer. `headers` have names in lower case; `body` is without its content coding."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def root(self) -> etree._Element:
        """Raises XMLSyntaxError."""
        return etree.fromstring(self.body, _PARSER)


Fetch = Callable[[str, Pairs], Reply]
"""Sends a GET or POST with these arguments."""


@dataclass
class Report:
    passed: int = 0
    failures: list[str] = field(default_factory=list)

    def check(self, holds: bool, expectation: str) -> bool:
        """Count an expectation, told as what should be; whether it holds."""
        if holds:
            self.passed += 1
        elif len(self.failures) < MAX_FAILURES:
            self.failures.append(expectation)
        return holds


def fetcher(address: str) -> Fetch:
    """A real HTTP client for the endpoint at `address`."""
    pool = urllib3.PoolManager(timeout=urllib3.Timeout(total=TIMEOUT_SECONDS), headers=HEADERS)

    def fetch(method: str, pairs: Pairs) -> Reply:
        encoded = urlencode(pairs)
        if method == "POST":
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = pool.request(
                "POST", address, body=encoded, headers=HEADERS | form, preload_content=False
            )
        else:
            answer = pool.request("GET", f"{address}?{encoded}", preload_content=False)
        body = answer.read(MAX_BYTES, decode_content=True)
        answer.release_conn()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, headers, body)

    return fetch


def check(fetch: Fetch, base_url: str) -> Report:
    """Run every check. An answer that is no XML, or none at all, is a finding like others."""
    from repository.oai.conformance_checks import CHECKS, Endpoint

    report = Report()
    endpoint = Endpoint(fetch, base_url, report)
    for part in CHECKS:
        try:
            part(endpoint)
        except (etree.XMLSyntaxError, urllib3.exceptions.HTTPError, LookupError) as error:
            report.check(False, f"{part.__name__}: {type(error).__name__}: {error}"[:500])
    return report


def check_and_keep(runtime: Runtime) -> None:
    """Check our own endpoint at its public address; the operator's page shows the result."""
    address = f"{runtime.settings.base_url}/oai2d"
    report = check(fetcher(address), address)
    with runtime.work() as work:
        found = OaiCheck(at=work.clock.now(), passed=report.passed, failures=list(report.failures))
        work.session.add(found)


def ask_for_check(work: Work) -> None:
    work.enqueue("oai.check", CHECK_KEY, {})


def is_running(work: Work) -> bool:
    asked = select(Job.id).where(Job.key == CHECK_KEY, Job.state.in_(("queued", "running")))
    return work.session.scalar(asked) is not None


def last_check(work: Work) -> OaiCheck | None:
    return work.session.scalar(select(OaiCheck).order_by(OaiCheck.at.desc()).limit(1))

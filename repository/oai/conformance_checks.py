"""The checks, by section of the protocol (http://www.openarchives.org/OAI/openarchivesprotocol.html)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from repository.oai.conformance import NAMESPACE, Fetch, Pairs, Reply, Report

MAX_PAGES = 4
SAMPLE = 5
N = f"{{{NAMESPACE}}}"
SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SET_SPEC = re.compile(r"([A-Za-z0-9\-_.!~*'()])+(:[A-Za-z0-9\-_.!~*'()]+)*")
Element = etree._Element  # noqa: SLF001 - lxml names its element type so


class NothingListed(LookupError):
    """A list without records, which is no fault where a format is not for every record."""


@dataclass
class Endpoint:
    """What the checks share: a way to ask, a place for findings, and what was seen so far."""

    fetch: Fetch
    base_url: str
    report: Report
    earliest: str = ""
    prefixes: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    headers: list[Element] = field(default_factory=list)

    def ask(self, pairs: Pairs, method: str = "GET") -> Element:
        """The root of an answer, whose transport and envelope are checked (sections 3.1, 3.2)."""
        reply = self.fetch(method, pairs)
        asked = "&".join(f"{name}={value}" for name, value in pairs)[:200]
        check = self.report.check
        check(reply.status == 200, f"{asked}: HTTP status 200, not {reply.status}")
        check(_is_xml(reply), f"{asked}: Content-Type text/xml")
        root = reply.root
        check(root.tag == f"{N}OAI-PMH", f"{asked}: the root is OAI-PMH")
        check(
            [child.tag for child in root][:2] == [f"{N}responseDate", f"{N}request"],
            f"{asked}: responseDate and request come first",
        )
        date = root.findtext(f"{N}responseDate") or ""
        check(bool(SECOND.fullmatch(date)), f"{asked}: responseDate is in UTC, to the second")
        request = root.findtext(f"{N}request")
        check(request == self.base_url, f"{asked}: request names {self.base_url}, not {request}")
        return root

    def verb(self, verb: str, method: str = "GET", **arguments: str) -> Element:
        """An answer that must be no error; its verb's element. Raises LookupError."""
        pairs = [("verb", verb), *((name.rstrip("_"), v) for name, v in arguments.items())]
        root = self.ask(pairs, method)
        found = root.find(f"{N}{verb}")
        if found is None:
            error = root.find(f"{N}error")
            code = error.get("code") if error is not None else "nothing"
            if code == "noRecordsMatch":
                raise NothingListed(f"{pairs} is answered with {code}")
            raise LookupError(f"{pairs} is answered with {code}")
        echoed = dict(root.find(f"{N}request").attrib)  # type: ignore[union-attr]
        self.report.check(echoed == dict(pairs), f"{pairs}: request repeats the arguments")
        return found

    def error(self, code: str, *pairs: tuple[str, str]) -> None:
        """An answer that must be this error (section 3.6)."""
        root = self.ask(pairs)
        codes = [error.get("code") for error in root.iter(f"{N}error")]
        self.report.check(code in codes, f"{pairs}: {code}, not {codes}")
        if code in ("badVerb", "badArgument"):
            request = root.find(f"{N}request")
            bare = request is not None and not request.attrib
            self.report.check(bare, f"{pairs}: request has no attributes")

    def pages(self, verb: str, **arguments: str) -> Iterator[Element]:
        """The pages of a list, each with its token checked (section 3.5)."""
        page = self.verb(verb, **arguments)
        cursor = 0
        while True:
            yield page
            token = page.find(f"{N}resumptionToken")
            size = sum(child.tag != f"{N}resumptionToken" for child in page)
            self.report.check(size > 0, f"{verb}: no page is empty")
            if token is None:
                return
            told = token.get("cursor")
            self.report.check(told == str(cursor), f"{verb}: cursor is {cursor}, not {told}")
            cursor += size
            total = int(token.get("completeListSize") or cursor)
            self.report.check(total >= cursor, f"{verb}: completeListSize is not passed")
            if not token.text:
                self.report.check(total == cursor, f"{verb}: completeListSize is right at last")
                return
            page = self.verb(verb, resumptionToken=token.text)


def _is_xml(reply: Reply) -> bool:
    return reply.headers.get("content-type", "").partition(";")[0].strip() == "text/xml"


def identify(e: Endpoint) -> None:
    """Section 4.2"""
    found = e.verb("Identify")
    e.verb("Identify", method="POST")
    texts = {child.tag.removeprefix(N): child.text or "" for child in found}
    check = e.report.check
    check(texts.get("baseURL") == e.base_url, f"baseURL is {e.base_url}")
    check(texts.get("protocolVersion") == "2.0", "protocolVersion is 2.0")
    check("@" in texts.get("adminEmail", ""), "adminEmail is an address")
    check(texts.get("deletedRecord") in ("no", "transient", "persistent"), "deletedRecord")
    check(texts.get("granularity") == "YYYY-MM-DDThh:mm:ssZ", "granularity is seconds")
    check(bool(texts.get("repositoryName")), "repositoryName is given")
    e.earliest = texts.get("earliestDatestamp", "")
    check(bool(SECOND.fullmatch(e.earliest)), "earliestDatestamp has the granularity")


def formats(e: Endpoint) -> None:
    """Section 4.4"""
    for found in e.verb("ListMetadataFormats"):
        prefix = found.findtext(f"{N}metadataPrefix") or ""
        e.prefixes.append(prefix)
        for part in ("schema", "metadataNamespace"):
            text = found.findtext(f"{N}{part}") or ""
            e.report.check(":" in text, f"{prefix}: {part} is an address or name")
    e.report.check("oai_dc" in e.prefixes, "oai_dc is there, as section 3.4 demands")
    e.report.check(len(set(e.prefixes)) == len(e.prefixes), "each prefix is listed once")


def sets(e: Endpoint) -> None:
    """Section 4.6"""
    for page in e.pages("ListSets"):
        for found in page.iter(f"{N}set"):
            spec = found.findtext(f"{N}setSpec") or ""
            e.sets.append(spec)
            e.report.check(bool(SET_SPEC.fullmatch(spec)), f"setSpec {spec} is legal")
            e.report.check(bool(found.findtext(f"{N}setName")), f"set {spec} has a name")
    e.report.check(len(set(e.sets)) == len(e.sets), "each set is listed once")


def identifiers(e: Endpoint) -> None:
    """Sections 4.3 and 2.5"""
    for page in islice(e.pages("ListIdentifiers", metadataPrefix="oai_dc"), MAX_PAGES):
        e.headers += page.iter(f"{N}header")
    for header in e.headers:
        identifier, datestamp = _of(header)
        e.report.check(bool(SECOND.fullmatch(datestamp)), f"{identifier}: datestamp {datestamp}")
        e.report.check(datestamp >= e.earliest, f"{identifier}: not before earliestDatestamp")
        for spec in header.findall(f"{N}setSpec"):
            e.report.check(spec.text in e.sets, f"{identifier}: set {spec.text} is listed")
    found = [_of(header)[0] for header in e.headers]
    e.report.check(len(set(found)) == len(found), "ListIdentifiers gives each item once")


def records(e: Endpoint) -> None:
    """Section 4.5: the same headers, with metadata unless deleted; in every format."""
    expected = {_of(header)[0]: _of(header)[1] for header in e.headers}
    for prefix in e.prefixes:
        try:
            for page in islice(e.pages("ListRecords", metadataPrefix=prefix), 2):
                for record in page.iter(f"{N}record"):
                    _check_record(e, record, prefix, expected)
        except NothingListed:
            continue


def _check_record(
    e: Endpoint, record: Element, prefix: str, expected: dict[str, str] | None = None
) -> None:
    header = record.find(f"{N}header")
    if header is None:
        e.report.check(False, f"{prefix}: a record has a header")
        return
    identifier, datestamp = _of(header)
    metadata = record.findall(f"{N}metadata")
    if header.get("status") == "deleted":
        e.report.check(not metadata, f"{prefix} {identifier}: deleted, so without metadata")
    else:
        whole = len(metadata) == 1 and len(metadata[0]) == 1
        e.report.check(whole, f"{prefix} {identifier}: one metadata element with one root")
        if whole:
            foreign = not metadata[0][0].tag.startswith(N)
            e.report.check(foreign, f"{prefix} {identifier}: metadata has its own namespace")
    if expected and identifier in expected:
        e.report.check(datestamp >= expected[identifier], f"{identifier}: one datestamp")


def single_records(e: Endpoint) -> None:
    """Section 4.1, for a sample"""
    for header in e.headers[:SAMPLE]:
        identifier, prefixes = _of(header)[0], e.prefixes
        if header.get("status") != "deleted":
            listed = e.verb("ListMetadataFormats", identifier=identifier)
            prefixes = [found.findtext(f"{N}metadataPrefix") or "" for found in listed]
        for prefix in prefixes:
            found = e.verb("GetRecord", identifier=identifier, metadataPrefix=prefix)
            for record in found:
                _check_record(e, record, prefix)


def dates(e: Endpoint) -> None:
    """Section 2.7.1: both ends are included, in both granularities."""
    for header in e.headers[:SAMPLE]:
        identifier, datestamp = _of(header)
        for start, end in ((datestamp, datestamp), (datestamp[:10], datestamp[:10])):
            pages = e.pages("ListIdentifiers", metadataPrefix="oai_dc", from_=start, until=end)
            found = {_of(h)[0]: _of(h)[1] for page in pages for h in page.iter(f"{N}header")}
            e.report.check(identifier in found, f"{identifier} is found from {start} until {end}")
            within = all(start <= d and d[: len(end)] <= end for d in found.values())
            e.report.check(within, f"only what is from {start} until {end} is found")
    any_from = ("verb", "ListRecords"), ("metadataPrefix", "oai_dc")
    e.error("noRecordsMatch", *any_from, ("from", "9999-01-01"))
    e.error("noRecordsMatch", *any_from, ("until", "1900-01-01"))
    e.error("badArgument", *any_from, ("from", "2020-01-02"), ("until", "2020-01-01"))
    e.error("badArgument", *any_from, ("from", "2020-01-01"), ("until", "2021-01-01T00:00:00Z"))
    for wrong in ("", "2020", "2020-13-01", "2020-02-30", "yesterday", "2020-01-01T00:00Z"):
        e.error("badArgument", *any_from, ("from", wrong))
        e.error("badArgument", *any_from, ("until", wrong))


def set_lists(e: Endpoint) -> None:
    """Section 2.6: what is found in a set says that it is in it."""
    for spec in e.sets[: 2 * SAMPLE]:
        root = e.ask([("verb", "ListIdentifiers"), ("metadataPrefix", "oai_dc"), ("set", spec)])
        for header in root.iter(f"{N}header"):
            told = {found.text or "" for found in header.findall(f"{N}setSpec")}
            inside = any(one == spec or one.startswith(f"{spec}:") for one in told)
            e.report.check(inside, f"{_of(header)[0]} names its set {spec}")
    unknown = ("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("set", "no-such-set")
    e.error("noRecordsMatch", *unknown)


def errors(e: Endpoint) -> None:
    """Section 3.6"""
    verb, dc = "verb", ("metadataPrefix", "oai_dc")
    for wrong in ("", "identify", "ListEverything", "__class__"):
        e.error("badVerb", (verb, wrong))
    e.error("badVerb", dc)
    e.error("badVerb", (verb, "Identify"), (verb, "Identify"))
    e.error("badArgument", (verb, "Identify"), dc)
    for name in ("ListRecords", "ListIdentifiers", "GetRecord"):
        e.error("badArgument", (verb, name))
        e.error("badArgument", (verb, name), dc, dc)
        unknown = ("metadataPrefix", "no_such_format")
        e.error("cannotDisseminateFormat", (verb, name), unknown, *_needed(name))
    e.error("badArgument", (verb, "GetRecord"), dc)
    e.error("idDoesNotExist", (verb, "GetRecord"), dc, ("identifier", "oai:x.example.org:none"))
    e.error("idDoesNotExist", (verb, "ListMetadataFormats"), ("identifier", "none at all"))
    for name in ("ListRecords", "ListIdentifiers", "ListSets"):
        e.error("badResumptionToken", (verb, name), ("resumptionToken", "made.up"))
        e.error("badArgument", (verb, name), ("resumptionToken", "made.up"), dc)


def _needed(verb: str) -> tuple[tuple[str, str], ...]:
    return (("identifier", "oai:x.example.org:none"),) if verb == "GetRecord" else ()


def resuming(e: Endpoint) -> None:
    """Section 3.5: a token may be sent again, and gives what it gave."""
    first = e.verb("ListIdentifiers", metadataPrefix="oai_dc")
    token = first.findtext(f"{N}resumptionToken")
    if not token:
        return
    pages = [e.verb("ListIdentifiers", resumptionToken=token) for _ in range(2)]
    once, again = ([_of(h)[0] for h in page.iter(f"{N}header")] for page in pages)
    e.report.check(once == again, "a resumptionToken sent again gives the same page")
    e.error("badResumptionToken", ("verb", "ListRecords"), ("resumptionToken", token))


def _of(header: Element) -> tuple[str, str]:
    return header.findtext(f"{N}identifier") or "", header.findtext(f"{N}datestamp") or ""


CHECKS: tuple[Callable[[Endpoint], None], ...] = (
    identify,
    formats,
    sets,
    identifiers,
    records,
    single_records,
    dates,
    set_lists,
    errors,
    resuming,
)

"""A harvester's side of OAI-PMH 2.0, over addresses that are fetched within limits.

Sections are those of the protocol (openarchives.org/OAI/openarchivesprotocol.html). A source is
a stranger: its pages are bounded, it declares no entities, and what it repeats is noticed by the
caller (docs/adr/0069-harvesting.md).
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from lxml import etree

from repository.core.fetch import Answer, FetchFailed, FetchRefused, Unsuitable
from repository.core.messages import N_
from repository.formats.base import UnreadableMetadata
from repository.formats.xml import name_of, parse
from repository.harvest.kinds.base import (
    MAX_PAGE,
    About,
    Asked,
    Entry,
    Get,
    NotUnderstood,
    Page,
    TokenRefused,
)

NAMESPACE = "{http://www.openarchives.org/OAI/2.0/}"
MAX_ENTRIES = 5_000
MAX_TOKEN = 4_000
BUSY = (429, 503)
# Characters that XML forbids, as they come with text that was copied out of a PDF.
_CONTROL = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]"
    rb"|&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));"
)


class OaiPmh:
    name = "oai-pmh"
    label = "OAI-PMH"

    def describe(self, get: Get, address: str) -> About:
        identify = _answer(get, address, {"verb": "Identify"})
        told = _only(identify, "Identify")
        formats = _answer(get, address, {"verb": "ListMetadataFormats"})
        prefixes = (_text(f, "metadataPrefix") for f in formats.iter(f"{NAMESPACE}metadataFormat"))
        return About(
            name=_text(told, "repositoryName")[:200],
            by_day=_text(told, "granularity") == "YYYY-MM-DD",
            tells_deletions=_text(told, "deletedRecord") == "persistent",
            prefixes=[prefix for prefix in prefixes if prefix][:200],
        )

    def page(self, get: Get, asked: Asked, token: str) -> Page:
        try:
            root = _answer(get, asked.address, _arguments(asked, token))
        except _NoneMatch as error:
            return Page((), said_at=error.said_at)
        listed = _only(root, "ListRecords")
        rest = listed.find(f"{NAMESPACE}resumptionToken")
        following = "" if rest is None else (rest.text or "").strip()
        if len(following) > MAX_TOKEN:
            raise NotUnderstood(N_("The source's resumptionToken is too long."))
        return Page(list(_entries(listed)), following, _said_at(root), _size(rest))


class _NoneMatch(Exception):
    """`noRecordsMatch` (section 3.6) is no failure: nothing has changed."""

    def __init__(self, said_at: datetime | None) -> None:
        super().__init__()
        self.said_at = said_at


def _arguments(asked: Asked, token: str) -> dict[str, str]:
    """`resumptionToken` is an exclusive argument (section 4.5)."""
    if token:
        return {"verb": "ListRecords", "resumptionToken": token}
    told = {"verb": "ListRecords", "metadataPrefix": asked.prefix}
    if asked.since is not None:
        told["from"] = (
            f"{asked.since:%Y-%m-%d}" if asked.by_day else f"{asked.since:%Y-%m-%dT%H:%M:%SZ}"
        )
    if asked.set_spec:
        told["set"] = asked.set_spec
    return told


def _answer(get: Get, address: str, arguments: dict[str, str]) -> etree._Element:
    try:
        answer = get(f"{address}?{urlencode(arguments)}")
    except Unsuitable as error:  # a redirect, or too much: it would be the same again
        raise FetchFailed(error.message, **error.params) from error
    _check_status(answer)
    try:
        root = parse(_CONTROL.sub(b"", answer.body), MAX_PAGE)
    except UnreadableMetadata as error:
        message = N_("The source's answer cannot be read: %(reason)s")
        raise NotUnderstood(message, reason=str(error)[:300]) from error
    if root.tag != f"{NAMESPACE}OAI-PMH":
        raise NotUnderstood(N_("This is no OAI-PMH address: something else answers there."))
    _check_errors(root)
    return root


def _check_status(answer: Answer) -> None:
    """Section 3.1.2.2: a busy source says when to come back."""
    if answer.status == 200:
        return
    message = N_("The source answers with HTTP status %(status)s.")
    if answer.status in BUSY:
        raise FetchRefused(message, retry_after=_seconds(answer.retry_after), status=answer.status)
    refused = FetchRefused if answer.status >= 500 else FetchFailed
    raise refused(message, status=answer.status)


def _seconds(retry_after: str) -> int:
    if retry_after.isascii() and retry_after.isdigit():
        return int(retry_after[:9])
    with suppress(ValueError, TypeError):
        until = parsedate_to_datetime(retry_after)
        return max(1, int((until - datetime.now(UTC)).total_seconds()))
    return 60


def _check_errors(root: etree._Element) -> None:
    errors = [e for e in root.iterchildren(f"{NAMESPACE}error") if e.get("code")]
    codes = {str(error.get("code")) for error in errors}
    if codes == {"noRecordsMatch"}:
        raise _NoneMatch(_said_at(root))
    if "badResumptionToken" in codes:
        raise TokenRefused(N_("The source no longer knows its resumptionToken."))
    if errors:
        told = f"{errors[0].get('code')}: {errors[0].text or ''}"[:300]
        raise NotUnderstood(N_("The source refuses: %(reason)s"), reason=told.strip())


def _only(root: etree._Element, verb: str) -> etree._Element:
    found = root.find(f"{NAMESPACE}{verb}")
    if found is None:
        raise NotUnderstood(N_("The source's answer has no %(verb)s in it."), verb=verb)
    return found


def _entries(listed: etree._Element) -> Iterator[Entry]:
    """Items without an identifier are none; those with a status but `deleted` are there."""
    records = list(listed.iterchildren(f"{NAMESPACE}record"))
    if len(records) > MAX_ENTRIES:
        message = N_("The source gives more than %(most)s records at once.")
        raise NotUnderstood(message, most=MAX_ENTRIES)
    for record in records:
        header = record.find(f"{NAMESPACE}header")
        identifier = "" if header is None else _text(header, "identifier")
        if header is None or not identifier:
            continue
        gone = header.get("status") == "deleted"
        yield Entry(
            identifier, _text(header, "datestamp")[:40], None if gone else _metadata(record)
        )


def _metadata(record: etree._Element) -> bytes:
    inside = record.find(f"{NAMESPACE}metadata")
    for element in () if inside is None else inside.iterchildren(tag=etree.Element):
        return etree.tostring(element, encoding="utf-8", with_tail=False)
    return b""


def _said_at(root: etree._Element) -> datetime | None:
    """`responseDate`, where it is a time that can be."""
    with suppress(ValueError):
        return datetime.strptime(_text(root, "responseDate"), "%Y-%m-%dT%H:%M:%SZ").replace(
            tzinfo=UTC
        )
    return None


def _size(token: etree._Element | None) -> int | None:
    told = "" if token is None else str(token.get("completeListSize") or "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def _text(parent: etree._Element, tag: str) -> str:
    for child in parent.iterchildren(tag=etree.Element):
        if name_of(child) == tag:
            return (child.text or "").strip()
    return ""

"""What each verb answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from repository.core.settings import Settings
from repository.oai import listing, shell, tokens
from repository.oai.arguments import Arguments, instant
from repository.oai.errors import (
    BadResumptionToken,
    CannotDisseminateFormat,
    NoMetadataFormats,
    NoSetHierarchy,
)
from repository.oai.listing import Entry, Page, Position, Selection
from repository.oai.models import OaiSet
from repository.oai.shell import Token
from repository.web.context import reading, runtime


@dataclass(frozen=True)
class Answer:
    """An answer's XML. `etag` where the answer can be told to be the same again; `selection`
    and `page` where it is a page of items.
    """

    body: bytes
    etag: str | None = None
    selection: Selection | None = None
    page: Page | None = None


def answer(arguments: Arguments) -> Answer:
    """Raises OaiError."""
    return _VERBS[arguments.verb](arguments)


def _identify(_arguments: Arguments) -> Answer:
    earliest = listing.earliest_datestamp(reading()) or _now().replace(microsecond=0)
    return Answer(shell.identify(_settings(), _now(), earliest))


def _list_metadata_formats(arguments: Arguments) -> Answer:
    held: frozenset[str] | None = None
    if "identifier" in arguments.raw:
        held = frozenset(listing.prefixes_of(reading(), arguments.raw["identifier"]))
        if not held:
            raise NoMetadataFormats("The item was deleted; there is no metadata of it.")
    return Answer(shell.list_metadata_formats(_settings(), _now(), arguments, held))


def _list_sets(arguments: Arguments) -> Answer:
    after, cursor = "", 0
    if arguments.token is not None:
        after, cursor = _state(shell.load(arguments), str, int)
    session, limit = reading().session, _settings().oai_page_size
    query = select(OaiSet).where(OaiSet.spec > after).order_by(OaiSet.spec).limit(limit + 1)
    found = list(session.scalars(query))
    if not found:
        raise NoSetHierarchy("There are no sets yet.")
    sets, following = found[:limit], ""
    if len(found) > limit:
        following = _write_token(arguments.verb, {}, [sets[-1].spec, cursor + limit])
    size = session.scalar(select(func.count()).select_from(OaiSet)) or 0
    token = Token(following, cursor, size)
    return Answer(shell.list_sets(_settings(), _now(), arguments, sets, token))


def _get_record(arguments: Arguments) -> Answer:
    prefix = arguments.raw["metadataPrefix"]
    _check_prefix(prefix)
    entry = listing.read_entry(reading(), arguments.raw["identifier"], prefix)
    if entry is None:
        raise CannotDisseminateFormat("This item cannot be had in this format.")
    body = shell.with_records(_settings(), _now(), arguments, [_record(entry)])
    return Answer(body, _etag(arguments, [entry]))


def _list_records(arguments: Arguments) -> Answer:
    return _list(arguments, _record, metadata=True)


def _list_identifiers(arguments: Arguments) -> Answer:
    return _list(arguments, lambda entry: entry.header, metadata=False)


def _list(arguments: Arguments, give: Callable[[Entry], bytes], *, metadata: bool) -> Answer:
    work, limit = reading(), _settings().oai_page_size
    if arguments.token is None:
        selection = _selection(arguments)
        position = listing.first_position(work, selection)
    else:
        loaded = shell.load(arguments)
        selection = _resumed_selection(loaded)
        position = Position(*_state(loaded, int, int, int, int, int))
    page = listing.read_page(work, selection, position, limit, metadata=metadata)
    token = Token(_following(arguments.verb, selection, page), page.cursor, page.size)
    entries = [give(entry) for entry in page.entries]
    body = shell.with_records(_settings(), _now(), arguments, entries, token)
    return Answer(body, _etag(arguments, page.entries), selection, page)


def _record(entry: Entry) -> bytes:
    return b"".join((b"<record>", entry.header, entry.metadata or b"", b"</record>"))


def _selection(arguments: Arguments) -> Selection:
    raw = arguments.raw
    _check_prefix(raw["metadataPrefix"])
    shell.load(arguments)
    return Selection(
        raw["metadataPrefix"],
        raw.get("set"),
        instant(raw["from"], end_of_day=False) if "from" in raw else None,
        instant(raw["until"], end_of_day=True) if "until" in raw else None,
    )


def _resumed_selection(loaded: dict[str, Any]) -> Selection:
    """A token carries instants to the second: the end of a day has been worked out."""
    asked = loaded["resumptionToken"]["kwargs"]
    return Selection(
        asked["metadataPrefix"], asked.get("set"), asked.get("from"), asked.get("until")
    )


def _following(verb: str, selection: Selection, page: Page) -> str:
    at = page.following
    if at is None:
        return ""
    named = {"metadataPrefix": selection.prefix}
    if selection.set_spec is not None:
        named["set"] = selection.set_spec
    for name, bound in (("from", selection.start), ("until", selection.end)):
        if bound is not None:
            named[name] = f"{bound:%Y-%m-%dT%H:%M:%SZ}"
    return _write_token(verb, named, [at.after, at.upto, at.laps, at.cursor, at.size])


def _write_token(verb: str, named: dict[str, str], state: list[Any]) -> str:
    return tokens.write(_settings().secret_key.get_secret_value(), verb, named, state)


def _state(loaded: dict[str, Any], *kinds: type) -> list[Any]:
    state = loaded["resumptionToken"].get("state")
    if not isinstance(state, list) or [type(part) for part in state] != list(kinds):
        raise BadResumptionToken("This resumptionToken was made by another release.")
    return state


def _check_prefix(prefix: str) -> None:
    if prefix not in current_app.config["OAISERVER_METADATA_FORMATS"]:
        raise CannotDisseminateFormat("There is no such format; see ListMetadataFormats.")


def _etag(arguments: Arguments, entries: list[Entry]) -> str:
    """An item gets a new `seq` whenever what is served of it changes; the request's own words
    decide the rest of the page but for `responseDate`.
    """
    digest = sha256(repr((arguments.verb, sorted(arguments.raw.items()))).encode())
    digest.update(repr([(entry.seq, entry.deleted) for entry in entries]).encode())
    return digest.hexdigest()[:32]


def _settings() -> Settings:
    return runtime().settings


def _now() -> datetime:
    return runtime().clock.now()


_VERBS = {
    "Identify": _identify,
    "ListMetadataFormats": _list_metadata_formats,
    "ListSets": _list_sets,
    "ListIdentifiers": _list_identifiers,
    "ListRecords": _list_records,
    "GetRecord": _get_record,
}

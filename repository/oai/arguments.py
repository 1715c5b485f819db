"""The arguments of a request, checked as strictly as section 3 of the protocol asks.

Done before anything else looks at them: the argument schemas behind it take the first of repeated
values, any date that can be guessed at, and any attribute of a class as a verb.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from repository.oai.errors import BadArgument, BadVerb


@dataclass(frozen=True)
class Verb:
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    resumable: bool = False


_LIST = Verb(frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"}), resumable=True)
VERBS = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(optional=frozenset({"identifier"})),
    "ListSets": Verb(resumable=True),
    "ListIdentifiers": _LIST,
    "ListRecords": _LIST,
    "GetRecord": Verb(required=frozenset({"identifier", "metadataPrefix"})),
}
MAX_LENGTH = 4000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_PREFIX = re.compile(r"[A-Za-z0-9\-_.!~*'()]+\Z")
_SET_SPEC = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*\Z")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Arguments:
    """A legal request: `raw` is what was sent, to be echoed in the answer's `request` element."""

    verb: str
    raw: dict[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str | None:
        return self.raw.get("resumptionToken")


def read(pairs: Iterable[tuple[str, str]]) -> Arguments:
    """Check the names, number and form of what was sent. Raises BadVerb, BadArgument."""
    raw: dict[str, str] = {}
    repeated: set[str] = set()
    for name, value in pairs:
        if name in raw:
            repeated.add(name)
        raw[name] = value
    verb = raw.pop("verb", None)
    if verb is None:
        raise BadVerb("The verb argument is missing. One of: " + ", ".join(VERBS) + ".")
    if "verb" in repeated:
        raise BadVerb("The verb argument was sent more than once.")
    if verb not in VERBS:
        raise BadVerb("No such verb. One of: " + ", ".join(VERBS) + ".")
    if repeated:
        raise BadArgument(f"Sent more than once: {_shown(repeated)}.")
    _check_names(VERBS[verb], raw)
    for name, value in raw.items():
        _check_value(name, value)
    _check_range(raw)
    return Arguments(verb, raw)


def _check_names(verb: Verb, raw: dict[str, str]) -> None:
    allowed = verb.required | verb.optional
    known = allowed | ({"resumptionToken"} if verb.resumable else set())
    if illegal := set(raw) - known:
        raise BadArgument(f"Not an argument of this verb: {_shown(illegal)}.")
    if "resumptionToken" in raw:
        if len(raw) > 1:
            raise BadArgument("A resumptionToken is sent with the verb and nothing else.")
        return
    if missing := verb.required - set(raw):
        raise BadArgument(f"Missing: {_shown(missing)}.")


def _check_value(name: str, value: str) -> None:
    if len(value) > MAX_LENGTH or _NOT_XML.search(value):
        raise BadArgument(f"The value of {name} is too long, or holds control characters.")
    if not value:
        raise BadArgument(f"The value of {name} is empty.")
    if name == "metadataPrefix" and not _PREFIX.match(value):
        raise BadArgument("metadataPrefix has characters that no prefix has.")
    if name == "set" and not _SET_SPEC.match(value):
        raise BadArgument("set has characters that no setSpec has.")
    if name in ("from", "until"):
        instant(value, end_of_day=False)


def _check_range(raw: dict[str, str]) -> None:
    if "from" not in raw or "until" not in raw:
        return
    if len(raw["from"]) != len(raw["until"]):
        raise BadArgument("from and until must have the same granularity.")
    if raw["from"] > raw["until"]:
        raise BadArgument("from is later than until.")


def instant(text: str, *, end_of_day: bool) -> datetime:
    """An aware UTC datetime from either granularity of section 3.3; a day is its first or last
    second. Raises BadArgument.
    """
    try:
        if _SECOND.match(text):
            return datetime.fromisoformat(text).astimezone(UTC)
        if _DAY.match(text):
            at = time(23, 59, 59) if end_of_day else time()
            return datetime.combine(datetime.fromisoformat(text), at, tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise BadArgument("Dates are YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, in UTC.")


def _shown(names: Iterable[str]) -> str:
    """Names from outside, made fit for an XML answer."""
    clean = sorted(_NOT_XML.sub("", name)[:60] for name in names)
    return ", ".join(clean[:10])

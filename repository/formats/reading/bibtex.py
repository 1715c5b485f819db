r"""BibTeX: the first entry of a file, by way of CSL's words.

What TeX would do is not done: accents written as commands (`\'e`) become letters, braces go, and
any other command stays as it is written.
"""

import re
import unicodedata
from collections.abc import Iterator

from repository.formats.base import Understood, UnreadableMetadata
from repository.formats.reading.base import JSON, decoded
from repository.formats.reading.csl import item

_BEGIN = re.compile(r"@\s*([A-Za-z]+)\s*[{(]\s*([^,\s]*)\s*,")
_NAME = re.compile(r"\s*([A-Za-z][\w\-+.:]*)\s*=\s*")
_TYPES = {
    "article": "article-journal",
    "book": "book",
    "incollection": "chapter",
    "inbook": "chapter",
    "inproceedings": "paper-conference",
    "proceedings": "book",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis",
    "techreport": "report",
    "report": "report",
    "software": "software",
    "unpublished": "article",
}
_FIELDS = {
    "title": "title",
    "publisher": "publisher",
    "institution": "publisher",
    "school": "publisher",
    "version": "version",
    "abstract": "abstract",
    "language": "language",
    "doi": "DOI",
    "url": "URL",
    "journal": "container-title",
    "journaltitle": "container-title",
    "booktitle": "container-title",
    "volume": "volume",
    "number": "issue",
    "pages": "page",
    "keywords": "keyword",
}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    '"': "\u0308",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "d": "\u0323",
}
_ACCENT = re.compile(r"\\(?:([`'^~\"=.])\s*|([uvHcd])(?:\s+|(?=\{)))\{?\\?([A-Za-z])\}?")
_SIGNS = {
    r"\textbackslash{}": "\0",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\dj": "đ",
    r"\DJ": "Đ",
    r"\ss": "ß",
    r"\o": "ø",
}


def understand(data: bytes) -> Understood:
    """Raises UnreadableMetadata."""
    source = decoded(data)
    entries = [
        found
        for found in _BEGIN.finditer(source)
        if found[1].lower() not in ("string", "comment", "preamble")
    ]
    if not entries:
        raise UnreadableMetadata("This is no BibTeX: no entry begins with @type{key,")
    fields = dict(_fields(source, entries[0].end()))
    read = item(_as_csl(entries[0][1].lower(), fields))
    left = (f"{len(entries) - 1} more entries",) if entries[1:] else ()
    return Understood(read.metadata, read.doi, (*read.left, *left))


def _as_csl(kind: str, fields: dict[str, str]) -> JSON:
    made: JSON = {"type": _TYPES.get(kind, "dataset")}
    for name, theirs in _FIELDS.items():
        value = fields.pop(name, "")
        if value and theirs not in made:
            made[theirs] = plain(value)
    for role in ("author", "editor"):
        made[role] = [_name(each) for each in _people(fields.pop(role, "")) if each]
    made["issued"] = {"raw": _date(fields)}
    return made | fields


def _date(fields: dict[str, str]) -> str:
    date, year = plain(fields.pop("date", "")), plain(fields.pop("year", ""))
    month = fields.pop("month", "").lower()[:3]
    if date or month not in _MONTHS:
        return date or year
    return f"{year}-{_MONTHS.index(month) + 1:02d}" if year else ""


def _fields(source: str, at: int) -> Iterator[tuple[str, str]]:
    """Name and value of each field from a place in an entry on, to its end."""
    while (found := _NAME.match(source, at)) is not None:
        value, at = _value(source, found.end())
        yield found[1].lower(), value
        while at < len(source) and source[at] in ", \t\r\n":
            at += 1


def _value(source: str, at: int) -> tuple[str, int]:
    """A value in braces, in quotes, or a bare word; and where it ends."""
    opened = source[at : at + 1]
    if opened not in ("{", '"'):
        end = re.compile(r"[,}\s]|$").search(source, at)
        stop = end.start() if end else len(source)
        return source[at:stop], stop
    depth, place = 0, at
    while place < len(source):
        sign = source[place]
        if sign == "\\":
            place += 2
            continue
        depth += (sign == "{") - (sign == "}")
        closes = "}" if opened == "{" else '"'
        if place > at and depth == 0 and sign == closes:
            return source[at + 1 : place], place + 1
        place += 1
    raise UnreadableMetadata("A value of the BibTeX entry does not end; check its braces.")


def _people(names: str) -> Iterator[str]:
    """Names between `and`, which in braces is part of a name."""
    depth, held = 0, list[str]()
    for word in re.split(r"(\s+)", names):
        if depth == 0 and word.lower() == "and":
            yield "".join(held).strip()
            held = []
            continue
        depth += word.replace(r"\{", "").count("{") - word.replace(r"\}", "").count("}")
        held.append(word)
    yield "".join(held).strip()


def _name(name: str) -> JSON:
    if name.startswith("{") and name.endswith("}"):
        return {"literal": plain(name)}
    parts = [plain(part) for part in name.split(",")]
    if len(parts) > 1:
        return {"family": parts[0], "given": " ".join(parts[:0:-1])}
    *given, family = parts[0].split() or [""]
    return {"family": family, "given": " ".join(given)} if given else {"literal": parts[0]}


def plain(value: str) -> str:
    """Text without TeX's braces and escapes, on one line."""
    made = value
    for command, sign in _SIGNS.items():
        made = made.replace(command, sign)
    made = _ACCENT.sub(lambda m: m[3] + _ACCENTS[m[1] or m[2]], made)
    made = re.sub(r"\\([&%$#_])", r"\1", made)
    made = made.replace(r"\{", "\1").replace(r"\}", "\2").replace("{", "").replace("}", "")
    made = made.replace("\0", "\\").replace("\1", "{").replace("\2", "}")
    return unicodedata.normalize("NFC", " ".join(made.split()))

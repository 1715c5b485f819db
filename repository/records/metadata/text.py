"""Text as it may be kept: what no database, JSON parser or XML document refuses to carry."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

# XML 1.0 section 2.2, production [2] Char. Lone surrogates and U+0000 are among what it leaves out,
# so that UTF-8 and PostgreSQL can hold what is left.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

MAX_LINE = 2_000
MAX_LONG = 100_000
MAX_DEPTH = 32


def clean(text: str) -> str:
    """`text` in NFC without the characters XML 1.0 forbids.

    NFC because the same Vietnamese word typed on two systems must be one word to search and sort.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _FORBIDDEN.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def clean_tree(value: Any, depth: int = 0) -> Any:
    """A copy of a JSON value with every text cleaned, and without members that say nothing.

    Nulls and blank texts are left out of objects, where a form sends them for fields nobody filled
    in; items of lists stay, so that a pointer into what was sent still points at the same item.
    Below MAX_DEPTH nothing is kept.
    """
    if isinstance(value, str):
        return clean(value)
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, dict | Mapping):  # the first is found at once
        members = ((clean(str(k)), clean_tree(v, depth + 1)) for k, v in value.items())
        return {k: v for k, v in members if v is not None and not _blank(v)}
    if isinstance(value, list | tuple):
        return [clean_tree(item, depth + 1) for item in value]
    return value


def _blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def _one_line(value: object) -> object:
    return " ".join(clean(value).split()) if isinstance(value, str) else value


def _lines(value: object) -> object:
    if not isinstance(value, str):
        return value
    return clean(value).replace("\r\n", "\n").replace("\r", "\n").strip()


Line = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_LINE), BeforeValidator(_one_line)
]
"""Text on one line, as names and titles are; runs of white space count as one space."""

LongLine = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_LONG), BeforeValidator(_one_line)
]
"""One paragraph of any reasonable length, as a statement of rights is."""

LongText = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_LONG), BeforeValidator(_lines)
]
"""Text of paragraphs; lines end in one newline whatever system they come from."""

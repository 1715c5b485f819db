"""What the values of a collection must be; each rule adds to a list of errors, to tell all."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from idutils import is_ror, normalize_ror

from repository.core.errors import FieldError
from repository.core.messages import N_
from repository.core.slugs import slug as slug_of
from repository.records.collections import CollectionRole, Kind, SubmissionPolicy

MAX_TITLE, MAX_TEXT, MAX_WEBSITE, MAX_SLUG = 300, 20_000, 500, 60
MAX_CHECKS, MAX_CHECK = 30, 300
MAX_LOGO = 512 * 1024  # bytes
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RESERVED = {"new"}  # addresses under /collections and /api/communities that are none
Errors = list[FieldError]
CHOOSE = N_("Choose one of: %(known)s.")


def checked(values: Mapping[str, Any], errors: Errors) -> dict[str, Any]:
    """The columns that `values` names, as they are stored; `parent` and `slug` are left out."""
    found: dict[str, Any] = {}
    for name, limit in {
        "title_vi": MAX_TITLE,
        "title_en": MAX_TITLE,
        "description_vi": MAX_TEXT,
        "description_en": MAX_TEXT,
        "policy": MAX_TEXT,
        "terms_vi": MAX_TEXT,
        "terms_en": MAX_TEXT,
    }.items():
        if name in values:
            found[name] = _text(str(values[name] or ""), name, limit, errors)
    if "title_vi" in found and not found["title_vi"]:
        found["title_vi"] = found.get("title_en", "")
        if not found["title_vi"]:
            errors.append(FieldError("/title_vi", N_("Give it a title.")))
    if "website" in values:
        found["website"] = _website(str(values["website"] or ""), errors)
    if "ror" in values:
        found["ror"] = _ror(str(values["ror"] or ""), errors)
    if "kind" in values:
        found["kind"] = one_of(Kind, values["kind"], "/kind", errors)
    if "submission" in values:
        found["submission"] = one_of(SubmissionPolicy, values["submission"], "/submission", errors)
    if "checklist" in values:
        found["checklist"] = _checklist(values["checklist"], errors)
    return found


def _text(text: str, name: str, limit: int, errors: Errors) -> str:
    text = text.strip()
    if len(text) > limit:
        message = N_("Use at most %(count)s characters.")
        errors.append(FieldError(f"/{name}", message, {"count": limit}))
    return text


def one_of(kinds: type[StrEnum], value: Any, pointer: str, errors: Errors) -> str:
    if value not in list(kinds):
        errors.append(FieldError(pointer, CHOOSE, {"known": ", ".join(kinds)}))
    return str(value)


def _website(text: str, errors: Errors) -> str:
    text = text.strip()
    try:
        parts = urlsplit(text)
        good = not text or (parts.scheme in ("http", "https") and bool(parts.hostname))
    except ValueError:
        good = False
    if not good or len(text) > MAX_WEBSITE:
        message = N_("Write the address of a web page, such as https://example.org.")
        errors.append(FieldError("/website", message))
    return text


def _ror(text: str, errors: Errors) -> str:
    """The bare id of nine characters."""
    text = text.strip()
    if not text:
        return ""
    if not is_ror(text):
        message = N_("Write a ROR id such as https://ror.org/04gyf1771.")
        errors.append(FieldError("/ror", message))
        return text[:40]
    return str(normalize_ror(text))


def _checklist(value: Any, errors: Errors) -> list[str]:
    """From a list, or a text with a check a line."""
    lines = value.splitlines() if isinstance(value, str) else list(value or ())
    checks = [str(line).strip() for line in lines if str(line).strip()]
    if len(checks) > MAX_CHECKS or any(len(check) > MAX_CHECK for check in checks):
        message = N_("A checklist has at most %(count)s lines of %(length)s characters.")
        params = {"count": MAX_CHECKS, "length": MAX_CHECK}
        errors.append(FieldError("/checklist", message, params))
    return checks[:MAX_CHECKS]


def slug(text: str, title: str, errors: Errors) -> str:
    """The name in addresses; made of the title where none is given."""
    text = text.strip().lower() or slug_of(title, MAX_SLUG)
    if len(text) > MAX_SLUG or not SLUG.fullmatch(text) or text in RESERVED:
        message = N_("Use letters a to z, digits and single hyphens, at most %(count)s.")
        errors.append(FieldError("/slug", message, {"count": MAX_SLUG}))
    return text


def role(text: str, errors: Errors) -> CollectionRole:
    try:
        return CollectionRole(text)
    except ValueError:
        errors.append(FieldError("/role", CHOOSE, {"known": ", ".join(CollectionRole)}))
        return CollectionRole.READER


def image_type(first_bytes: bytes) -> str | None:
    """The media type, of the picture formats that no browser runs anything in; by their marks
    (PNG section 5.2, ITU-T T.81 annex B, WebP container), never by name or header.
    """
    if first_bytes.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if first_bytes.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if first_bytes[:4] == b"RIFF" and first_bytes[8:12] == b"WEBP":
        return "image/webp"
    return None

"""Languages: InvenioRDM names them in ISO 639-3, the web and DataCite in BCP 47."""

import re
from functools import cache
from typing import Annotated

import pycountry
from babel.core import get_global
from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from repository.core.messages import N_
from repository.records.metadata.text import clean

# RFC 5646 section 2.1, as loose as xs:language.
_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_LANGUAGE_MESSAGE = N_("“%(value)s” is not a language code. Use one such as vi or en.")
# CLDR lists more than one long code for these; ISO 639-3 has this one.
_ISO_639_3 = {"zh": "zho", "de": "deu", "fr": "fra"}


@cache
def _long_codes() -> dict[str, str]:
    aliases: dict[str, str] = dict(get_global("language_aliases"))
    long = {short: code for code, short in sorted(aliases.items()) if len(code) == 3}
    return {short: code for short, code in long.items() if len(short) == 2} | _ISO_639_3


@cache
def _short_codes() -> dict[str, str]:
    aliases: dict[str, str] = dict(get_global("language_aliases"))
    return {code: s for code, s in aliases.items() if len(code) == 3 and len(s) == 2}


def iso_639_3(tag: str) -> str:
    """`vi` as `vie`; a tag that says more than a language, or is unknown, stays as it is."""
    return _long_codes().get(tag, tag)


def bcp_47(code: str) -> str:
    """`vie` as `vi`, the shortest code as BCP 47 wants it; others stay as they are."""
    return _short_codes().get(code, code)


@cache
def language_codes() -> tuple[str, ...]:
    """The codes of ISO 639-3, of three letters."""
    return tuple(language.alpha_3 for language in pycountry.languages)


@cache
def _known_codes() -> frozenset[str]:
    of_families = (family.alpha_3 for family in pycountry.language_families)
    return frozenset({*language_codes(), *_long_codes(), *_short_codes(), *of_families})


def is_language(tag: str) -> bool:
    """Whether the first part of a tag is in ISO 639, or is for private use (RFC 5646 2.2.1)."""
    code = tag.split("-", maxsplit=1)[0].lower()
    private = code in ("i", "x") or ("qaa" <= code <= "qtz" and len(code) == 3)
    return private or code in _known_codes()


def same_language(one: str | None, other: str) -> bool:
    """Whether `vi-VN`, `vie` and `vi` name the same language."""
    return one is not None and bcp_47(one.split("-")[0].lower()) == bcp_47(other)


def _tag_text(value: object) -> object:
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return bcp_47(value["id"].strip())
    return clean(value).strip() if isinstance(value, str) else value


def _checked(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise PydanticCustomError("problem", _LANGUAGE_MESSAGE, {"value": value})
    return value


LanguageTag = Annotated[
    str, StringConstraints(max_length=50), BeforeValidator(_tag_text), AfterValidator(_checked)
]
"""A BCP 47 tag; InvenioRDM's `{"id": "vie"}` is taken too."""

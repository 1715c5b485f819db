"""Clean (sạch): no rubbish in texts, files or tables."""

import re
import unicodedata
from collections.abc import Collection

from repository.core.messages import N_
from repository.quality.checks.base import Check, Criterion
from repository.quality.subject import Subject

_TAGS = re.compile(r"</?(p|br|div|span|b|i|em|strong|a|ul|li|font)\b[^>]*>", re.IGNORECASE)
_GARBLED = re.compile("Ã[\u0080-\u00bf]|á»|Æ°|Ä‘|\ufffd")
_EMAIL = re.compile(r"^[\w.+-]+@[\w-]+(\.[\w-]+)+$")
_PHONE = re.compile(r"^(\+84|0)(3|5|7|8|9)\d{8}$")
_CITIZEN = re.compile(r"^0\d{2}[0-9]\d{8}$")
_PERSONAL_NAME = re.compile(
    r"^(e-?mail|phone|mobile|điện.?thoại|dien.?thoai|sđt|sdt|cccd|cmnd|số.?định.?danh|"
    r"họ.?(và.?)?tên|ho.?(va.?)?ten|full.?name|passport|hộ.?chiếu)$",
    re.IGNORECASE,
)
UNICODE = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "")


def _normal(subject: Subject) -> bool:
    return all(text == unicodedata.normalize("NFC", text) for text in subject.texts())


def _readable(subject: Subject) -> bool:
    return not any(_TAGS.search(text) or _GARBLED.search(text) for text in subject.texts())


def _no_duplicates(subject: Subject) -> bool | None:
    digests = [file.sha256 for file in subject.files if file.sha256]
    return len(set(digests)) == len(digests) if len(digests) > 1 else None


def _single(subject: Subject) -> bool | None:
    return not subject.standing.doubled if subject.standing and subject.files else None


def _links_answer(subject: Subject) -> bool | None:
    standing = subject.standing
    return None if standing is None or standing.dead_links is None else not standing.dead_links


def _without(subject: Subject, codes: Collection[str]) -> bool | None:
    tables = subject.tables()
    return not any(table.problems & set(codes) for table in tables) if tables else None


def _regular(subject: Subject) -> bool | None:
    return _without(subject, ("short-row", "long-row", "odd-row"))


def _headed(subject: Subject) -> bool | None:
    return _without(subject, ("no-header", "unnamed-column", "repeated-column"))


def _unicode(subject: Subject) -> bool | None:
    tables = subject.tables()
    if not tables:
        return None
    return all(t.encoding in UNICODE and "bad-encoding" not in t.problems for t in tables)


def _no_persons(subject: Subject) -> bool | None:
    if not subject.columns():
        return None
    return subject.personal_data or not personal_columns(subject)


def personal_columns(subject: Subject) -> list[str]:
    """Names of the columns that look as if they held personal data."""
    return [str(each.get("name") or "") for each in subject.columns() if is_personal(each)]


def is_personal(column: dict[str, object]) -> bool:
    """Whether a column looks as if it held people's addresses, numbers or names."""
    if column.get("type") != "string":
        return False
    if _PERSONAL_NAME.match(str(column.get("name") or "").strip()):
        return True
    top = column.get("top")
    shown = [str(pair[0]) for pair in top] if isinstance(top, list) else []
    shown += [str(column[end]) for end in ("min", "max") if column.get(end)]
    if not shown:
        return False
    alike = sum(any(p.match(v) for p in (_EMAIL, _PHONE, _CITIZEN)) for v in shown)
    return 2 * alike > len(shown)


CRITERION = Criterion(
    "clean",
    N_("Clean"),
    N_("Texts, files and tables hold no rubbish, and nothing about persons that slipped in."),
    (
        Check(
            "text-composed",
            1,
            N_("Vietnamese letters are written in one way (Unicode NFC)"),
            N_("Otherwise the same word is two words to a search."),
            N_("Save the record again; texts are then put in order."),
            _normal,
        ),
        Check(
            "text-readable",
            1,
            N_("Texts hold no HTML tags and no garbled letters"),
            N_("Readers see the tags, and other systems hand them on."),
            N_("Write titles and descriptions anew without tags."),
            _readable,
        ),
        Check(
            "no-equal-files",
            1,
            N_("No file is there twice"),
            N_("Readers wonder which of the two is right."),
            N_("Remove one of the files with equal content in a new version."),
            _no_duplicates,
            of_files=True,
        ),
        Check(
            "no-double",
            2,
            N_("No other record holds the same files"),
            N_("Two records of one thing divide its citations."),
            N_("Keep one, and make the other a new version of it or withdraw it."),
            _single,
            of_files=True,
        ),
        Check(
            "links-answer",
            1,
            N_("The addresses that the description leads to answer"),
            N_("Who follows a dead link does not come back."),
            N_("Correct the related works and the licence's address, or take dead ones out."),
            _links_answer,
        ),
        Check(
            "rows-regular",
            2,
            N_("All rows of a table have the same number of cells"),
            N_("Programs stop at such a row or shift its values."),
            N_("The table's page names the lines; mend them in a new version."),
            _regular,
            of_files=True,
        ),
        Check(
            "columns-named",
            1,
            N_("Every column has a name of its own in the first line"),
            N_("Columns are told apart by their names."),
            N_("Give each column a name, once, in the first line of the table."),
            _headed,
            of_files=True,
        ),
        Check(
            "encoding",
            1,
            N_("Text files are in Unicode"),
            N_("Vietnamese in older encodings turns into other letters elsewhere."),
            N_("Save the table as CSV UTF-8."),
            _unicode,
            of_files=True,
        ),
        Check(
            "no-personal-data",
            3,
            N_("Columns that look like persons' names, addresses or numbers are declared as such"),
            N_("Personal data need a legal ground, and consent, to be published."),
            N_(
                "Take the column out or replace it by a code; or say in the form that the files "
                "hold personal data, and on which lawful ground."
            ),
            _no_persons,
            of_files=True,
        ),
    ),
)

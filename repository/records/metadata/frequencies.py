"""How often data are renewed, in terms of the EU's authority table of frequencies.

DCAT-AP asks for it in `dct:accrualPeriodicity`. Metadata keep it as a subject with the term's
address: DataCite's schema has no property of its own for it.
http://publications.europa.eu/resource/authority/frequency
"""

from collections.abc import Mapping
from typing import Any

from repository.records.metadata.vocabulary import listed

SCHEME = "EU frequency"
SCHEME_URI = "http://publications.europa.eu/resource/authority/frequency"
ADDRESS = f"{SCHEME_URI}/"
FREQUENCIES = listed(
    "frequencies",
    ("DAILY", "DAILY", "Hằng ngày", "Daily"),
    ("WEEKLY", "WEEKLY", "Hằng tuần", "Weekly"),
    ("BIWEEKLY", "BIWEEKLY", "Hai tuần một lần", "Every two weeks"),
    ("MONTHLY", "MONTHLY", "Hằng tháng", "Monthly"),
    ("BIMONTHLY", "BIMONTHLY", "Hai tháng một lần", "Every two months"),
    ("QUARTERLY", "QUARTERLY", "Hằng quý", "Quarterly"),
    ("ANNUAL_2", "ANNUAL_2", "Nửa năm một lần", "Twice a year"),
    ("ANNUAL", "ANNUAL", "Hằng năm", "Annual"),
    ("BIENNIAL", "BIENNIAL", "Hai năm một lần", "Every two years"),
    ("TRIENNIAL", "TRIENNIAL", "Ba năm một lần", "Every three years"),
    ("QUINQUENNIAL", "QUINQUENNIAL", "Năm năm một lần", "Every five years"),
    ("IRREG", "IRREG", "Không định kỳ", "Irregular"),
    ("NEVER", "NEVER", "Không cập nhật nữa", "Never"),
)
# The longest that each leaves between two versions, in days; the others promise nothing.
PERIODS = {
    "DAILY": 1, "WEEKLY": 7, "BIWEEKLY": 14, "MONTHLY": 31, "BIMONTHLY": 62, "QUARTERLY": 92,
    "ANNUAL_2": 184, "ANNUAL": 366, "BIENNIAL": 731, "TRIENNIAL": 1096, "QUINQUENNIAL": 1827,
}  # fmt: skip


def frequency_in(subject: Mapping[str, Any]) -> str:
    """The code that a subject is the term of, whether or not the list above has it; else empty."""
    for name in ("value_uri", "id"):
        told = subject.get(name)
        if isinstance(told, str) and told.startswith(ADDRESS):
            return told.removeprefix(ADDRESS)
    return ""


def as_subject(code: str) -> dict[str, str]:
    """As metadata have it."""
    return {
        "subject": FREQUENCIES.label(code, "en"),
        "scheme": SCHEME,
        "scheme_uri": SCHEME_URI,
        "value_uri": ADDRESS + code,
        "lang": "en",
    }

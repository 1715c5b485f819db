"""Names in the parts that citation formats want."""

import re
import unicodedata

from repository.records.metadata.people import Contributor, Creator, PersonOrOrg

FAMILY_NAMES = """
    an bach bui cao chau chu cu dam dang dao dau dinh do doan dong duong ha ho hoang hua huynh
    kieu la lai lam le luc luong luu ly ma mac mai ngo nghiem nguyen nong ong pham phan phung
    quach ta tang thach thai than tieu to ton tong tran trieu trinh truong tu ung vi vo vu
    vuong
"""
FAMILY_FIRST = frozenset(FAMILY_NAMES.split())  # without marks


def family_first(family: str) -> bool:
    """Whether a family name is Vietnamese, and so stands before the given name."""
    plain = unicodedata.normalize("NFD", family.lower().replace("đ", "d"))
    first = re.match(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))
    return first is not None and first[0] in FAMILY_FIRST


def name_parts(person: PersonOrOrg) -> tuple[str, str] | None:
    """Family and given name; None for an organisation, or where they cannot be told apart."""
    if person.type == "organizational":
        return None
    if person.family_name:
        return person.family_name, person.given_name or ""
    family, comma, given = person.name.partition(",")
    return (family.strip(), given.strip()) if comma and family.strip() else None


def in_role(contributors: list[Contributor], role: str) -> list[Contributor]:
    return [contributor for contributor in contributors if contributor.role.id == role]


def persons(people: list[Creator] | list[Contributor]) -> list[PersonOrOrg]:
    return [one.person_or_org for one in people]

"""Names in the parts that citation formats want."""

from repository.records.metadata.people import Contributor, Creator, PersonOrOrg


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

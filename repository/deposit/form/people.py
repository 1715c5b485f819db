"""Creators and contributors in the deposit form: people or organisations, and where they work."""

from repository.core.messages import N_
from repository.deposit.form.bindings import Identifier, PartOfName, WholeName
from repository.deposit.form.rows import Field, Group, text

PERSON_IDS = "person_or_org/identifiers"
PERSON = ("type", ("personal",))
ORGANISATION = ("type", ("organizational", ""))


def _affiliations() -> Group:
    return Group(
        name="affiliations",
        label=N_("Institutions"),
        one=N_("institution"),
        path="affiliations",
        layout="inline",
        fields=(
            text("name", N_("Institution"), suggests="affiliations"),
            Field(
                "ror",
                N_("ROR identifier"),
                Identifier("identifiers", "ror"),
                placeholder="https://ror.org/…",
            ),
        ),
    )


def _people(name: str, label: str, one: str, hint: str, *, role: bool, begins: bool) -> Group:
    roles = (
        text("role", N_("Role"), "role/id", kind="select", choices="contributor_roles", weak=True),
    )
    return Group(
        name=name,
        label=label,
        one=one,
        help=hint,
        path=f"metadata/{name}",
        layout="person",
        begins=({},) if begins else (),
        fields=(
            text(
                "type",
                N_("Who"),
                "person_or_org/type",
                kind="select",
                choices="name_types",
                default="personal",
                weak=True,
            ),
            Field("family_name", N_("Family name"), PartOfName("family_name"), when=PERSON),
            Field(
                "given_name", N_("Given and middle names"), PartOfName("given_name"), when=PERSON
            ),
            Field("name", N_("Name of the organisation"), WholeName(), when=ORGANISATION),
            Field(
                "orcid",
                N_("ORCID iD"),
                Identifier(PERSON_IDS, "orcid"),
                placeholder="0000-0002-1825-0097",
                when=PERSON,
            ),
            Field(
                "ror",
                N_("ROR identifier"),
                Identifier(PERSON_IDS, "ror"),
                placeholder="https://ror.org/…",
                when=ORGANISATION,
            ),
            *(roles if role else ()),
        ),
        groups=(_affiliations(),),
    )


CREATORS = _people(
    "creators",
    N_("Creators"),
    N_("creator"),
    N_("Those who are to be cited, in that order."),
    role=False,
    begins=True,
)
CONTRIBUTORS = _people(
    "contributors",
    N_("Contributors"),
    N_("contributor"),
    N_("Others who helped: collected, curated, supervised, hosted."),
    role=True,
    begins=False,
)

"""The fields of the deposit form, section by section, in plain words.

Names in the JSON are InvenioRDM's (see `records.metadata`). What is not listed here is kept as
it came and not shown.
"""

from dataclasses import dataclass

from repository.core.messages import N_
from repository.deposit.form.bindings import (
    AtOr,
    Coordinates,
    Flag,
    Frequency,
    Identifier,
)
from repository.deposit.form.people import CONTRIBUTORS, CREATORS
from repository.deposit.form.rows import JSON, Field, Group, text
from repository.records.metadata.licences import find_licence

OTHER_LICENCE = ("id", ("",))
EMBARGOED = ("embargo", ("yes",))
PERSONAL = ("personal", ("yes",))


TITLES = Group(
    name="titles",
    label=N_("Titles"),
    one=N_("title"),
    help=N_("One in each language; both count the same. At least one is needed."),
    path="metadata/titles",
    layout="pair",
    begins=({"lang": "vi", "type": ""}, {"lang": "en", "type": ""}),
    fields=(
        text("title", N_("Title")),
        text("lang", N_("Language"), kind="select", choices="languages", weak=True),
        text(
            "type", N_("Kind of title"), "type/id", kind="select", choices="title_types", weak=True
        ),
    ),
)
DESCRIPTIONS = Group(
    name="descriptions",
    label=N_("Descriptions"),
    one=N_("description"),
    help=N_(
        "What the data are, how they were made, what they can and cannot be used for. "
        "Markdown is understood: **bold**, lists, links, tables."
    ),
    path="metadata/descriptions",
    layout="pair",
    begins=({"lang": "vi", "type": "abstract"}, {"lang": "en", "type": "abstract"}),
    fields=(
        text("description", N_("Description"), kind="markdown"),
        text("lang", N_("Language"), kind="select", choices="languages", weak=True),
        text(
            "type",
            N_("Kind"),
            "type/id",
            kind="select",
            choices="description_types",
            default="abstract",
            weak=True,
        ),
    ),
)


def _own_words(right: JSON) -> JSON:
    """A licence from the list without the words that follow from it: they would outlive it."""
    licence = find_licence(str(right.get("id", "")))
    if licence is None or right.get("title") not in (licence.en, licence.vi):
        return dict(right)
    follows = ("title", "lang", "link", "scheme", "scheme_uri")
    return {"id": licence.id} | {k: v for k, v in right.items() if k not in (*follows, "id")}


RIGHTS = Group(
    name="rights",
    label=N_("Licences"),
    one=N_("licence"),
    help=N_("It tells everyone what they may do with the data, without asking you."),
    path="metadata/rights",
    layout="licence",
    tidy=_own_words,
    fields=(
        text("id", N_("Licence"), kind="licence", choices="licences"),
        text("title", N_("Name of another licence"), when=OTHER_LICENCE),
        text("link", N_("Address of its text"), kind="url", when=OTHER_LICENCE),
    ),
)
SUBJECTS = Group(
    name="subjects",
    label=N_("Keywords"),
    one=N_("keyword"),
    help=N_(
        "Words that others would search for, in any language, and subjects of the lists that are "
        "offered as you type. Enter begins the next one."
    ),
    path="metadata/subjects",
    layout="chips",
    fields=(text("subject", N_("Keyword"), suggests="subjects"),),
)
LANGUAGES = Group(
    name="languages",
    label=N_("Languages of the data"),
    one=N_("language"),
    path="metadata/languages",
    layout="inline",
    fields=(text("id", N_("Language"), kind="select", choices="data_languages"),),
)
DATES = Group(
    name="dates",
    label=N_("Dates"),
    one=N_("date"),
    help=N_("A day, month, year or span: 2024-03-01, 2024-03, 2024, 2020/2024."),
    path="metadata/dates",
    layout="inline",
    begins=(),
    fields=(
        text("date", N_("Date")),
        text(
            "type",
            N_("What happened"),
            "type/id",
            kind="select",
            choices="date_types",
            default="collected",
            weak=True,
        ),
        text("description", N_("Note")),
    ),
)
RELATED = Group(
    name="related_identifiers",
    label=N_("Related works"),
    one=N_("related work"),
    help=N_("The article, the software, the data these came from."),
    path="metadata/related_identifiers",
    begins=(),
    fields=(
        text("identifier", N_("Identifier or address"), placeholder="10.1234/abcd"),
        text("scheme", N_("Scheme"), kind="select", choices="identifier_schemes", weak=True),
        text(
            "relation",
            N_("These data …"),
            "relation_type/id",
            kind="select",
            choices="relation_types",
            default="issupplementto",
            weak=True,
        ),
        text(
            "resource_type",
            N_("Kind of work"),
            "resource_type/id",
            kind="select",
            choices="resource_types",
            weak=True,
        ),
    ),
)
FUNDING = Group(
    name="funding",
    label=N_("Funding"),
    one=N_("grant"),
    path="metadata/funding",
    begins=(),
    fields=(
        text("funder", N_("Funder"), "funder/name", suggests="funders"),
        Field(
            "ror",
            N_("ROR identifier"),
            Identifier("funder/identifiers", "ror"),
            placeholder="https://ror.org/…",
        ),
        text("number", N_("Number of the grant"), "award/number"),
        text("title", N_("Name of the project"), "award/title", suggests="awards"),
    ),
)
LOCATIONS = Group(
    name="locations",
    label=N_("Places"),
    one=N_("place"),
    help=N_(
        "Latitude first: 21.03, 105.85. For an area two opposite corners: 8.2, 102.1; 23.4, 109.5."
    ),
    path="metadata/locations/features",
    layout="inline",
    begins=(),
    fields=(
        text("place", N_("Name of the place")),
        Field("geometry", N_("Coordinates"), Coordinates()),
        text("description", N_("Note")),
    ),
)
IDENTIFIERS = Group(
    name="identifiers",
    label=N_("Other identifiers of this record"),
    one=N_("identifier"),
    path="metadata/identifiers",
    layout="inline",
    begins=(),
    fields=(
        text("identifier", N_("Identifier")),
        text("scheme", N_("Scheme"), kind="select", choices="identifier_schemes", weak=True),
    ),
)
PLAIN = (
    text(
        "resource_type",
        N_("What is it?"),
        "metadata/resource_type/id",
        kind="select",
        choices="resource_types",
    ),
    text(
        "publication_date",
        N_("Date of publication"),
        "metadata/publication_date",
        help=N_("Today, or when it was first published elsewhere: 2024-03-01, 2024-03 or 2024."),
    ),
    text(
        "publisher",
        N_("Publisher"),
        "metadata/publisher",
        help=N_("Empty means this repository."),
    ),
    text("version", N_("Version label"), "metadata/version", placeholder="1.0"),
    Field(
        "frequency",
        N_("How often new versions come"),
        Frequency("metadata/subjects"),
        kind="select",
        choices="frequencies",
        help=N_("You are told when a new version is overdue."),
    ),
    Field(
        "has_files",
        N_("Files"),
        Flag("files_enabled", no="no"),
        kind="choice",
        choices="has_files",
    ),
    text("record", N_("The description"), "access/record", kind="choice", choices="record_access"),
    text("files", N_("The files"), "access/files", kind="choice", choices="files_access"),
    Field(
        "embargo",
        N_("Open everything by itself on a day to come (embargo)"),
        Flag("access/embargo/active"),
        kind="checkbox",
    ),
    text("until", N_("Open from"), "access/embargo/until", kind="date", when=EMBARGOED),
    text("reason", N_("Why not yet"), "access/embargo/reason", kind="textarea", when=EMBARGOED),
    text(
        "delete_files_at",
        N_("Delete all files on"),
        "access/retention/delete_files_at",
        kind="date",
        help=N_("For data that must not be kept; from this day, 00:00 UTC, nobody has them."),
    ),
    text("delete_reason", N_("Why they must be deleted"), "access/retention/reason"),
    text(
        "terms_vi",
        N_("Terms to accept before download, in Vietnamese"),
        "access/terms/vi",
        kind="textarea",
        help=N_(
            "Whoever wants the files reads and accepts them first, and it is kept who did. Empty: "
            "those of the collection that takes the record in, if it has any. Markdown works."
        ),
    ),
    text(
        "terms_en",
        N_("Terms to accept before download, in English"),
        "access/terms/en",
        kind="textarea",
    ),
    Field(
        "data_class",
        N_("Class of the data"),
        AtOr("access/data_class", "ordinary"),
        kind="choice",
        choices="data_classes",
    ),
    Field(
        "personal",
        N_("The files hold personal data"),
        Flag("access/personal_data/contains"),
        kind="checkbox",
    ),
    text(
        "ground",
        N_("On which lawful ground"),
        "access/personal_data/ground",
        kind="select",
        choices="grounds",
        when=PERSONAL,
    ),
)
FORM = Group(
    name="",
    label="",
    path="",
    fields=PLAIN,
    groups=(
        *(TITLES, DESCRIPTIONS, CREATORS, CONTRIBUTORS, RIGHTS, SUBJECTS, LANGUAGES),
        *(DATES, RELATED, FUNDING, LOCATIONS, IDENTIFIERS),
    ),
)


@dataclass(frozen=True)
class Section:
    """Fields and groups that stand together; those in `more` are folded away at first."""

    name: str
    label: str
    shown: tuple[str, ...]
    more: tuple[str, ...] = ()
    help: str = ""


SECTIONS = (
    Section("about", N_("What it is"), ("resource_type", "titles", "descriptions", "subjects")),
    Section("people", N_("Who made it"), ("creators",), ("contributors", "funding")),
    Section(
        "publication",
        N_("Publication"),
        ("publication_date", "version"),
        ("publisher", "languages", "frequency", "dates", "identifiers"),
    ),
    Section("rights", N_("What others may do"), ("rights",), ("terms_vi", "terms_en")),
    Section("law", N_("What the law says of the data"), ("data_class", "personal", "ground")),
    Section(
        "access",
        N_("Who may see it, and when"),
        ("has_files", "record", "files", "embargo", "until", "reason"),
        ("delete_files_at", "delete_reason"),
    ),
    Section("context", N_("Where it belongs"), ("related_identifiers",), ("locations",)),
)

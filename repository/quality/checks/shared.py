"""Shared (dùng chung): others may use the data, can, and do."""

from pathlib import PurePosixPath

from repository.core.messages import N_
from repository.quality.checks.base import Check, Criterion
from repository.quality.subject import Subject, term

# Licences that conform to the Open Definition 2.1 (opendefinition.org/licenses), and open source.
OPEN = (
    "cc-by-4.0", "cc0-1.0", "cc-by-sa-4.0", "cc-by-3.0", "cc-by-sa-3.0", "pddl-1.0", "odbl-1.0",
    "odc-by-1.0", "mit", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "gpl-3.0-only",
    "gpl-3.0-or-later", "gpl-2.0-only", "gpl-2.0-or-later", "lgpl-3.0-only", "lgpl-3.0-or-later",
    "agpl-3.0-only", "agpl-3.0-or-later", "mpl-2.0", "eupl-1.2", "isc", "unlicense",
)  # fmt: skip
YOUNG_DAYS = 180
OPEN_ENDINGS = frozenset((
    ".csv", ".tsv", ".tab", ".txt", ".md", ".rst", ".json", ".jsonl", ".geojson", ".jsonld",
    ".xml", ".html", ".ttl", ".rdf", ".nt", ".yaml", ".yml", ".toml", ".parquet", ".arrow", ".npy",
    ".nc", ".h5", ".hdf5", ".fits", ".gpkg", ".kml", ".gml", ".las", ".sqlite", ".sql",
    ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".svg", ".webp", ".gif", ".dicom",
    ".pdf", ".odt", ".ods", ".xlsx", ".docx", ".pptx", ".epub", ".tex", ".bib", ".cff", ".ris",
    ".zip", ".tar", ".gz", ".bz2", ".7z", ".wav", ".flac", ".mp3", ".mp4", ".ogg", ".webm",
    ".py", ".r", ".jl", ".ipynb", ".sh", ".c", ".cpp", ".js", ".css", ".log", ".csl",
    ".fasta", ".fa", ".fastq", ".vcf", ".bam",
))  # fmt: skip


def _licence(subject: Subject) -> bool:
    return bool(subject.listed("rights"))


def _open_licence(subject: Subject) -> bool | None:
    return any(each in OPEN for each in subject.rights()) if subject.rights() else None


def _files_open(subject: Subject) -> bool | None:
    return subject.access in ("open", "embargoed") if subject.files else None


def _open_formats(subject: Subject) -> bool | None:
    if not subject.files:
        return None
    known = sum(PurePosixPath(f.path.lower()).suffix in OPEN_ENDINGS for f in subject.files)
    return 2 * known >= len(subject.files)


def _used(subject: Subject) -> bool | None:
    """Young data had no time to be used."""
    if subject.standing is None or not subject.files:
        return None
    cited = any(
        term(each, "relation_type") in ("iscitedby", "isreferencedby")
        for each in subject.listed("related_identifiers")
    )
    if cited or subject.standing.downloads:
        return True
    return None if subject.standing.age_days < YOUNG_DAYS else False


def _doi(subject: Subject) -> bool:
    return bool(subject.doi)


def _related(subject: Subject) -> bool:
    return bool(subject.listed("related_identifiers") or subject.listed("related_items"))


CRITERION = Criterion(
    "shared",
    N_("Shared"),
    N_("Others may use the data, and can, by machine too."),
    (
        Check(
            "licence",
            3,
            N_("A licence"),
            N_("Without one nobody may use the data."),
            N_("Choose a licence; CC BY 4.0 and CC0 suit most data."),
            _licence,
        ),
        Check(
            "open-licence",
            2,
            N_("An open licence"),
            N_("Terms that allow any use let data be put together."),
            N_("Prefer CC BY 4.0 or CC0 where nothing speaks against it."),
            _open_licence,
        ),
        Check(
            "files-open",
            2,
            N_("Anyone may download the files, now or after an embargo"),
            N_("Data that nobody reaches are not used."),
            N_("Open the files where the law and consent allow it."),
            _files_open,
        ),
        Check(
            "open-formats",
            2,
            N_("Most files are in open formats"),
            N_("They can be read without one company's program, in twenty years too."),
            N_("Add a copy in an open format such as CSV, or say how to open it."),
            _open_formats,
            of_files=True,
        ),
        Check(
            "doi",
            2,
            N_("A DOI"),
            N_("Citations find the data wherever they move."),
            N_("Publish the record with a DOI."),
            _doi,
        ),
        Check(
            "used",
            1,
            N_("Somebody downloaded or cited the data"),
            N_("Data that nobody used may be hard to find or to understand."),
            N_("Improve the summary and keywords, and link the article that used the data."),
            _used,
        ),
        Check(
            "related",
            1,
            N_("A link to a publication or other data"),
            N_("Readers of either find the other."),
            N_("Add the DOI of the article, the source or the code."),
            _related,
        ),
    ),
)

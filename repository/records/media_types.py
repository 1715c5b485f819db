"""Media types of research data by file name, where Python's own table is poor or wrong."""

import mimetypes

import puremagic

OCTETS = "application/octet-stream"
RESEARCH = {
    ".arrow": "application/vnd.apache.arrow.file",
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".fits": "application/fits",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".h5": "application/x-hdf5",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".jsonld": "application/ld+json",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".kmz": "application/vnd.google-earth.kmz",
    ".md": "text/markdown",
    ".nc": "application/netcdf",
    ".parquet": "application/vnd.apache.parquet",
    ".py": "text/x-python",
    ".r": "text/x-r",
    ".rdf": "application/rdf+xml",
    ".tsv": "text/tab-separated-values",
    ".ttl": "text/turtle",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
PRONOM = "https://www.nationalarchives.gov.uk/PRONOM/"
_TABLE = mimetypes.MimeTypes()
for _ending, _type in RESEARCH.items():
    _TABLE.add_type(_type, _ending)


def pronom_link(puid: str) -> str:
    """The address of a format in the PRONOM registry; empty where none is known."""
    return f"{PRONOM}{puid}" if puid else ""


def media_type_of(path: str, first_bytes: bytes = b"") -> str:
    """By the name's ending (IANA's types where registered); else by the first bytes.

    Own table on top of Python's built-in one, never the machine's /etc/mime.types, so that
    two nodes agree.
    """
    guessed, encoding = _TABLE.guess_type("./" + path.replace(":", "_"))
    if encoding:
        return {"gzip": "application/gzip", "bzip2": "application/x-bzip2"}.get(encoding, OCTETS)
    if guessed:
        return guessed
    try:
        return puremagic.from_string(first_bytes, mime=True) or OCTETS
    except (puremagic.PureError, ValueError):
        return OCTETS

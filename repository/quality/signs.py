"""What kind of bytes a content is, by its first ones, and whether a file's name claims another."""

from pathlib import PurePosixPath

TEXT, UNKNOWN = "text", "unknown"
MARKS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"), (b"GIF89a", "gif"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"),
    (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\xfd7zXZ\0", "xz"), (b"PAR1", "parquet"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"), (b"CDF\x01", "netcdf"), (b"CDF\x02", "netcdf"),
    (b"CDF\x05", "netcdf"), (b"SQLite format 3\0", "sqlite"), (b"\x93NUMPY", "npy"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"), (b"SIMPLE  =", "fits"), (b"\x7fELF", "program"),
    (b"MZ", "program"),
)  # fmt: skip
_TEXTS = (
    *(".csv", ".tsv", ".tab", ".txt", ".md", ".json", ".geojson", ".jsonl", ".xml", ".html"),
    *(".yaml", ".yml", ".toml", ".py", ".r", ".jl", ".ipynb", ".ttl", ".bib", ".ris", ".svg"),
)
_ZIPPED = (".zip", ".xlsx", ".docx", ".pptx", ".ods", ".odt", ".epub", ".kmz", ".npz")
CLAIMS: dict[str, tuple[str, ...]] = {
    ".pdf": ("pdf",), ".png": ("png",), ".jpg": ("jpeg",), ".jpeg": ("jpeg",), ".gif": ("gif",),
    ".tif": ("tiff",), ".tiff": ("tiff",), ".gz": ("gzip",), ".tgz": ("gzip",),
    ".bz2": ("bzip2",), ".xz": ("xz",), ".7z": ("7z",), ".parquet": ("parquet",),
    ".h5": ("hdf5",), ".hdf5": ("hdf5",), ".nc": ("netcdf", "hdf5"), ".gpkg": ("sqlite",),
    ".sqlite": ("sqlite",), ".npy": ("npy",), ".xls": ("ole",), ".doc": ("ole",),
    ".fits": ("fits", "gzip"),
} | dict.fromkeys(_ZIPPED, ("zip",)) | dict.fromkeys(_TEXTS, (TEXT,))  # fmt: skip


def sign_of(head: bytes) -> str:
    """The kind of bytes that begin so; what holds no NUL, or says it is UTF-16, is text."""
    for mark, kind in MARKS:
        if head.startswith(mark) and not (mark == b"MZ" and b"\0" not in head):
            return kind
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return TEXT if wide or b"\0" not in head else UNKNOWN


def contradicts(path: str, sign: str) -> bool:
    """Whether bytes of this kind are something else than the name's ending claims."""
    claimed = CLAIMS.get(PurePosixPath(path.lower()).suffix)
    return bool(sign and claimed and sign not in claimed)

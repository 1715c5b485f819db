"""Which files are tables that can be looked into, by their names and media types."""

CSV, TSV, XLSX, PARQUET = "csv", "tsv", "xlsx", "parquet"
_BY_TYPE = {
    "text/csv": CSV,
    "text/tab-separated-values": TSV,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": XLSX,
    "application/vnd.apache.parquet": PARQUET,
}
_BY_ENDING = {".csv": CSV, ".tsv": TSV, ".tab": TSV, ".xlsx": XLSX, ".parquet": PARQUET}


def table_kind(path: str, media_type: str) -> str | None:
    """`csv`, `tsv`, `xlsx` or `parquet`; None for what is no table."""
    if media_type in _BY_TYPE:
        return _BY_TYPE[media_type]
    lower = path.lower()
    return next((kind for end, kind in _BY_ENDING.items() if lower.endswith(end)), None)

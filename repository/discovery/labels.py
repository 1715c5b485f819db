"""What values are called on a page: English msgids for the catalogue.

DataCite's lists are named in `records.metadata.vocabularies`, in both languages; these are ours.
"""

from repository.core.messages import N_

ACCESS = {
    "open": N_("Open"),
    "embargoed": N_("Embargoed"),
    "restricted": N_("Restricted"),
    "metadata-only": N_("Metadata only"),
}
FACETS = {
    "collection": N_("Collection"),
    "type": N_("Type"),
    "years": N_("Year"),
    "topic": N_("Subject"),
    "institution": N_("Institution"),
    "access": N_("Access"),
    "license": N_("Licence"),
    "language": N_("Language"),
    "format": N_("File format"),
    "funder": N_("Funder"),
}
SORTS = {
    "bestmatch": N_("Best match"),
    "newest": N_("Newest first"),
    "oldest": N_("Oldest first"),
    "title": N_("Title"),
    "modified": N_("Changed last"),
    "mostused": N_("Most used"),
}
# Spoken in Việt Nam, and without a name in CLDR: ISO 639-3 to Vietnamese and English.
LANGUAGES = {
    "bdq": ("Tiếng Ba Na", "Bahnar"),
    "blt": ("Tiếng Thái Đen", "Tai Dam"),
    "cja": ("Tiếng Chăm (miền Tây)", "Western Cham"),
    "cjm": ("Tiếng Chăm (miền Đông)", "Eastern Cham"),
    "cmo": ("Tiếng Mnông", "Central Mnong"),
    "hre": ("Tiếng Hrê", "Hre"),
    "jra": ("Tiếng Gia Rai", "Jarai"),
    "kpm": ("Tiếng Cơ Ho", "Koho"),
    "mtq": ("Tiếng Mường", "Muong"),
    "nut": ("Tiếng Nùng", "Nung"),
    "rad": ("Tiếng Ê Đê", "Rade"),
    "sed": ("Tiếng Xơ Đăng", "Sedang"),
    "twh": ("Tiếng Thái Trắng", "Tai Dón"),
    "tyz": ("Tiếng Tày", "Tày"),
}
FREQUENCIES = {
    "daily": N_("Once a day"),
    "weekly": N_("Once a week"),
    "never": N_("Never"),
}
WITHDRAWALS = {
    "requested-by-depositor": N_("at the request of its depositor"),
    "legal": N_("for legal reasons"),
    "personal-data": N_("because it held personal data"),
    "error-in-data": N_("because of errors in the data"),
    "duplicate": N_("because it was there twice"),
    "removed-at-source": N_("because it was removed at its source"),
    "other": N_("for another reason"),
}
MEDIA_TYPES = {
    "application/geo+json": "GeoJSON",
    "application/gzip": "GZIP",
    "application/json": "JSON",
    "application/netcdf": "NetCDF",
    "application/octet-stream": N_("Binary"),
    "application/pdf": "PDF",
    "application/vnd.apache.parquet": "Parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.google-earth.kml+xml": "KML",
    "application/geopackage+sqlite3": "GeoPackage",
    "application/x-hdf5": "HDF5",
    "application/x-ipynb+json": "Jupyter",
    "application/xml": "XML",
    "application/zip": "ZIP",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/svg+xml": "SVG",
    "image/tiff": "TIFF",
    "text/csv": "CSV",
    "text/html": "HTML",
    "text/markdown": "Markdown",
    "text/plain": N_("Text"),
    "text/tab-separated-values": "TSV",
    "text/x-python": "Python",
    "text/x-r": "R",
}

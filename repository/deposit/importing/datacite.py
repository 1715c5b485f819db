"""DataCite metadata, as XML of any kernel 4 or as the REST API's JSON."""

import hashlib
from pathlib import Path

from repository.deposit.importing.base import CannotImport, ImportItem, read_bounded
from repository.formats import datacite_json, datacite_xml

READERS = {".xml": datacite_xml.read, ".json": datacite_json.read}


class DataCiteReader:
    """A metadata-only record that keeps the DOI it came with."""

    def reads(self, path: Path) -> bool:
        return path.is_file() and path.suffix.lower() in READERS

    def read(self, path: Path) -> ImportItem:
        data = read_bounded(path)
        try:
            imported = READERS[path.suffix.lower()](data)
        except ValueError as error:
            raise CannotImport(f"{path.name}: {error}") from error
        doi = imported.doi
        key = doi.lower() if doi else hashlib.sha256(data).hexdigest()
        metadata = imported.metadata.model_dump(mode="json", exclude_none=True)
        return ImportItem(source_key=f"datacite:{key}", metadata=metadata, external_doi=doi)

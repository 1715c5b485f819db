"""What each format that can be read back carries: tried on everything, compared with the docs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from repository.deposit.importing.data_package import DataPackageReader
from repository.formats import datacite_xml, registry
from repository.formats.reading.registry import READERS
from repository.records.metadata import Metadata, parse, problems
from tests.formats.documents import EXAMPLES, document

GUIDE = Path(__file__).resolve().parents[2] / "docs/how-to/formats.md"
LOSSLESS = ("datacite-xml", "json")
REQUIRED = ("resource_type", "titles", "creators", "publication_date", "publisher")


def dumped(metadata: Metadata) -> dict[str, Any]:
    return metadata.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def back(name: str, metadata: Metadata) -> dict[str, Any]:
    """Metadata through a format and back, in the model's own words."""
    entry = registry.find(name)
    assert entry is not None
    told = dict(READERS[name](entry.render(document(metadata))).metadata)
    lent = {key: dumped(metadata)[key] for key in REQUIRED if key not in told}
    found = dumped(parse(lent | told))
    return {key: value for key, value in found.items() if key not in lent}


def is_whole(sent: Any, came: Any) -> bool:
    """Whether all that was sent came back; a record adds to it what only the repository knows."""
    if isinstance(sent, list) and isinstance(came, list):
        return all(each in came for each in sent)
    return bool(sent == came)


def carried(name: str) -> tuple[list[str], list[str], list[str]]:
    """Of metadata in which every field is used: those that come back whole, in part, not at all."""
    metadata = datacite_xml.read((EXAMPLES / "full.xml").read_bytes()).metadata
    sent, came = dumped(metadata), back(name, metadata)
    kept = [key for key in sent if key in came]
    whole = [key for key in kept if is_whole(sent[key], came[key])]
    return whole, [key for key in kept if key not in whole], [k for k in sent if k not in came]


def row(name: str) -> str:
    whole, part, none = carried(name)
    if not part and not none:
        return f"| `{name}` | everything | | |"
    cells = (", ".join(f"`{key}`" for key in keys) for keys in (whole, part, none))
    return f"| `{name}` | {' | '.join(cells)} |".replace("|  |", "| |")


@pytest.mark.parametrize("name", READERS)
def test_the_guide_says_what_comes_back(name: str) -> None:
    lines = [line for line in GUIDE.read_text().splitlines() if line.startswith(f"| `{name}` |")]
    assert row(name) in lines


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", READERS)
def test_official_examples_through_every_format(name: str, needs_shared: Path) -> None:
    paths = sorted((needs_shared / "data/datacite").rglob("*.xml"))
    assert len(paths) > 10
    for path in paths:
        metadata = datacite_xml.read(path.read_bytes()).metadata
        came = back(name, metadata)
        assert came["titles"][0]["title"].split() == metadata.title().split(), path.name
        if name in LOSSLESS:
            sent = dumped(metadata)
            lost = [key for key in sent if not is_whole(sent[key], came.get(key))]
            assert not lost, f"{path.name} loses {lost}"


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", READERS)
def test_data_packages_through_every_format(name: str, needs_shared: Path) -> None:
    paths = sorted((needs_shared / "data/owid").rglob("datapackage.json"))
    assert len(paths) >= 62
    for path in paths:
        told = DataPackageReader().read(path).metadata
        dated = {"publication_date": "2024", "publisher": "Example"} | told
        dated.setdefault("creators", [{"person_or_org": {"name": "Somebody"}}])
        assert not [p for p in problems(dated, "import") if p.severity == "error"], path
        metadata = parse(dated)
        came = back(name, metadata)
        assert came["titles"][0]["title"].split() == metadata.title().split()
        if name in LOSSLESS:
            sent = dumped(metadata)
            assert not [key for key in sent if not is_whole(sent[key], came.get(key))]
        if name not in ("bibtex", "csl", "ris", "data-package"):
            assert re.sub(r"\s", "", json.dumps(came["creators"])), name

"""What anyone may have of the whole repository, written to a folder: one folder a version."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from repository.accounts.models import ANONYMOUS
from repository.core.errors import NotFound
from repository.core.runtime import Runtime
from repository.discovery.every import every_public
from repository.discovery.packages import Package
from repository.formats import registry
from repository.formats.base import Format

MAX_FILES = 100_000


def export_public(
    runtime: Runtime, folder: Path, formats: Sequence[Format], packages: Sequence[Package]
) -> Iterator[str]:
    """Write every version that anyone may see to `folder/ID/`; gives each id when it is done.

    A metadata format is left out where it does not suit, a package where there are no files that
    anyone may have. What stands there already is replaced whole, so an export that was interrupted
    is simply run again. Raises OSError.
    """
    for version, document in every_public(runtime, files_limit=MAX_FILES):
        place = folder / document.id
        place.mkdir(parents=True, exist_ok=True)
        for each in formats:
            if registry.suits(each, document):
                _write(place / f"{each.name}.{each.extension}", [each.render(document)])
        for package in packages if document.file_count else ():
            with suppress(NotFound):  # no file that anyone may have
                archive = package.build(runtime, ANONYMOUS, version, document)
                _write(place / f"{package.name}.zip", archive.read())
        yield document.id


def _write(path: Path, parts: Iterable[bytes]) -> None:
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as file:
        file.writelines(parts)
    unfinished.replace(path)

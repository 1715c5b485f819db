"""The previewers there are. The first one that knows a file shows it."""

from collections.abc import Iterator

from repository.previews.archives import Tar, Zip
from repository.previews.base import Previewer, Source
from repository.previews.documents import Markdown, Pdf
from repository.previews.hdf import Hdf
from repository.previews.images import Images
from repository.previews.maps import GeoJson, Kml
from repository.previews.netcdf import NetCdf
from repository.previews.notebooks import Notebook
from repository.previews.text import Text
from repository.previews.trees import Json, Xml
from repository.records.media_types import media_type_of

PREVIEWERS: tuple[Previewer, ...] = (
    Images(),
    Pdf(),
    Markdown(),
    Notebook(),
    GeoJson(),
    Kml(),
    Json(),
    Xml(),
    Zip(),
    Tar(),
    NetCdf(),
    Hdf(),
    Text(),
)


def previewer_for(source: Source) -> Previewer | None:
    return next((each for each in PREVIEWERS if each.knows(source)), None)


def can_look_inside(path: str, media_type: str) -> bool:
    """Whether a file list should offer it."""
    return previewer_for(Source(path, media_type, 0, _nothing)) is not None


def can_open_member(name: str) -> bool:
    """Whether the listing of an archive should offer it."""
    return previewer_for(Source("", media_type_of(name), 0, _nothing, member=name)) is not None


def _nothing(_start: int, _length: int) -> Iterator[bytes]:
    return iter(())


def member_of(archive: Source, name: str, content: bytes) -> Source:
    """A member of an archive, all of which was read, as a file to look into."""

    def read(start: int, length: int) -> Iterator[bytes]:
        yield content[start : start + length]

    return Source(
        path=archive.path,
        media_type=media_type_of(name, content[:8192]),
        size=len(content),
        read=read,
        version_id=archive.version_id,
        member=name,
    )

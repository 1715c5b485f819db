"""Images, shown by the browser itself, once their header says that it can bear them."""

import base64
import struct

from repository.core.messages import N_
from repository.core.settings import MIB
from repository.previews.base import TOO_LARGE, CannotShow, Preview, Source

RASTER = frozenset(
    ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp")
)
SVG = "image/svg+xml"
MAX_PIXELS = 100_000_000
MAX_BYTES = 50 * MIB
MAX_EMBEDDED = 4 * MIB
HEADER_BYTES = 256 << 10
TOO_MANY_PIXELS = N_("It has %(width)s × %(height)s pixels, more than a browser should open here.")
Size = tuple[int, int]


class Images:
    """SVG too, but only as an image: browsers then run none of its scripts and fetch nothing."""

    name = "image"

    def knows(self, source: Source) -> bool:
        return source.media_type in RASTER or (source.media_type == SVG and not source.member)

    def show(self, source: Source) -> Preview:
        if source.size > MAX_BYTES:
            raise CannotShow(TOO_LARGE)
        size = dimensions(source.head(HEADER_BYTES))
        if size and size[0] * size[1] > MAX_PIXELS:
            raise CannotShow(TOO_MANY_PIXELS, width=size[0], height=size[1])
        return Preview("image", {"src": source.url or embedded(source), "size": size})


def embedded(source: Source) -> str:
    """A data: address, for what has no address of its own."""
    content = base64.b64encode(source.whole(MAX_EMBEDDED)).decode()
    return f"data:{source.media_type};base64,{content}"


def dimensions(head: bytes) -> Size | None:
    """Width and height in pixels of PNG, GIF, BMP, WebP and JPEG; None where not found."""
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return _pair(">II", head, 16)
        if head[:6] in (b"GIF87a", b"GIF89a"):
            return _pair("<HH", head, 6)
        if head.startswith(b"BM"):
            width, height = _pair("<ii", head, 18)
            return abs(width), abs(height)
        if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
            return _webp(head)
        if head.startswith(b"\xff\xd8"):
            return _jpeg(head)
    except (struct.error, IndexError):
        return None
    return None


def _pair(layout: str, head: bytes, at: int) -> Size:
    first, second = struct.unpack_from(layout, head, at)
    return first, second


def _webp(head: bytes) -> Size | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return (
            int.from_bytes(head[24:27], "little") + 1,
            int.from_bytes(head[27:30], "little") + 1,
        )
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = _pair("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(head: bytes) -> Size | None:
    """The frame header (SOFn) among the segments."""
    at = 2
    while at + 9 < len(head):
        if head[at] != 0xFF:
            return None
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = _pair(">HH", head, at + 5)
            return width, height
        if marker == 0xFF:
            at += 1
            continue
        at += 2 + struct.unpack_from(">H", head, at + 2)[0]
    return None

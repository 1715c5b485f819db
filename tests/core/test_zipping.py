"""Archives that are laid out before they are written."""

import io
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from repository.core.zipping import LIMIT_32, Archive, Member, Segment

AT = datetime(2026, 11, 23, 9, 30, 10, tzinfo=UTC)
NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/\\"),
    min_size=1,
    max_size=20,
)
FILES = st.dictionaries(NAMES, st.tuples(st.binary(max_size=200), st.booleans()), max_size=8)


def member(name: str, content: bytes, *, crc_known: bool = True) -> Member:
    def read(start: int, length: int) -> Iterator[bytes]:
        yield content[start : start + length]

    crc = zlib.crc32(content) if crc_known else None
    return Member(name, len(content), crc, read, str(zlib.crc32(content)))


def archive(files: dict[str, tuple[bytes, bool]]) -> Archive:
    members = [member(n, c, crc_known=k) for n, (c, k) in files.items()]
    return Archive([Segment.of(*members[:3]), Segment.of(*members[3:])], AT)


def whole(made: Archive) -> bytes:
    return b"".join(made.read())


@given(files=FILES)
def test_python_reads_what_was_written(files: dict[str, tuple[bytes, bool]]) -> None:
    made = archive(files)
    content = whole(made)
    assert len(content) == made.size
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        assert {info.filename: opened.read(info) for info in opened.infolist()} == {
            name: content for name, (content, _known) in files.items()
        }
        assert all(info.date_time == (2026, 11, 23, 9, 30, 10) for info in opened.infolist())


@given(files=FILES, data=st.data())
def test_any_part_alone_is_that_part_of_the_whole(
    files: dict[str, tuple[bytes, bool]], data: st.DataObject
) -> None:
    made = archive(files)
    start = data.draw(st.integers(0, made.size - 1))
    length = data.draw(st.integers(1, made.size - start))
    part = b"".join(archive(files).read(start, length))
    assert part == whole(made)[start : start + length]


def test_the_mark_follows_every_byte() -> None:
    first = archive({"a": (b"1", True)}).etag
    assert archive({"a": (b"1", True)}).etag == first
    assert archive({"a": (b"1", False)}).etag != first
    assert archive({"a": (b"2", True)}).etag != first
    assert archive({"b": (b"1", True)}).etag != first


class Sparse:
    """Zeros without end, of which it is noted how many were read."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, start: int, length: int) -> Iterator[bytes]:
        while length > 0:
            chunk = bytes(min(length, 1 << 20))
            length -= len(chunk)
            self.given += len(chunk)
            yield chunk


def test_beyond_four_gigabytes(tmp_path: Path) -> None:
    """ZIP64, read back by Python from a sparse file: the zeros are never written."""
    size, zeros = LIMIT_32 + 5, Sparse()
    members = [
        Member("lớn.bin", size, 1234, zeros.read, "zeros"),
        member("sau.txt", b"after"),
        member("sau nữa.txt", b"at the end", crc_known=False),
    ]
    made = Archive([Segment.of(*members)], AT)
    assert made.size > size
    path = tmp_path / "large.zip"
    head, tail_start = 200, size - 10
    with path.open("wb") as file:
        file.write(b"".join(made.read(0, head)))
        file.seek(tail_start)
        for chunk in made.read(tail_start):
            file.write(chunk)
    assert path.stat().st_size == made.size
    assert zeros.given < 1000, "a part of the archive reads no more than that part"
    with zipfile.ZipFile(path) as opened:
        assert [info.file_size for info in opened.infolist()] == [size, 5, 10]
        assert opened.read("sau.txt") == b"after"
        assert opened.read("sau nữa.txt") == b"at the end"
        with opened.open("lớn.bin") as large:
            assert large.read(10) == bytes(10)


def test_more_members_than_sixteen_bits_count() -> None:
    many = 70_000
    made = Archive([Segment.of(*(member(f"{number}", b"") for number in range(many)))], AT)
    with zipfile.ZipFile(io.BytesIO(whole(made))) as opened:
        assert len(opened.namelist()) == many


def test_unzip_agrees(tmp_path: Path) -> None:
    """Info-ZIP, where it is on the path, finds no fault and the same bytes."""
    files = {"dữ liệu/số.txt": (b"abc", True), "x.bin": (bytes(5000), False)}
    path = tmp_path / "a.zip"
    path.write_bytes(whole(archive(files)))
    program = shutil.which("unzip")
    if program is None:  # then Python's own reader above has to do
        return
    subprocess.run([program, "-tq", path], check=True, capture_output=True)
    subprocess.run([program, "-q", path, "-d", tmp_path], check=True, capture_output=True)
    assert (tmp_path / "dữ liệu/số.txt").read_bytes() == b"abc"
    assert (tmp_path / "x.bin").read_bytes() == bytes(5000)

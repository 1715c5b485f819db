"""Which encoding a text file has, and the file in UTF-8.

UTF-8 is what is valid as UTF-8 throughout; UTF-16 is known by its mark or its zero bytes. What is
left is judged from a sample. Windows-1258 writes Vietnamese tones as marks after the letter, so
that text from it is brought into NFC.
"""

import codecs
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

CHUNK = 1 << 20
SAMPLE = 1 << 18
VIETNAMESE = set("ăâđêôơưĂÂĐÊÔƠƯ")
# Letters that another code page shows where Vietnamese was meant.
ODD = set("ÞÐðþÿý×÷¿¡ªº«»¬¦§¨¯¸")
TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
FEW = 0.001


@dataclass(frozen=True)
class Encoding:
    """`bad_line` is the first line, from 1, with bytes that are no text in it; 0 where all are."""

    name: str
    bad_line: int = 0
    bad_count: int = 0


def encoding_of(path: Path) -> Encoding:
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return Encoding(name)
    zeros = head.count(0)
    if zeros > len(head) // 4:
        return Encoding("utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be")
    line, bad = _invalid_in_utf8(path)
    if not bad:
        return Encoding("utf-8")
    sample = head if _has_high(head) else _high_part(path)
    if bad <= max(1, FEW * sum(byte > 0x7F for byte in sample)):
        return Encoding("utf-8", line, bad)
    return Encoding(_legacy(sample))


def _invalid_in_utf8(path: Path) -> tuple[int, int]:
    """The line of the first invalid byte, and how many there are; counting ends at 1000."""
    line, first, bad = 1, 0, 0
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            data = rest + chunk
            rest = b""
            start = 0
            while start < len(data):
                try:
                    data[start:].decode("utf-8") if start else data.decode("utf-8")
                    line += data.count(b"\n", start)
                    break
                except UnicodeDecodeError as error:
                    at = start + error.start
                    if len(data) - at < 4 and error.reason == "unexpected end of data":
                        line += data.count(b"\n", start, at)
                        rest = data[at:]
                        break
                    line += data.count(b"\n", start, at)
                    first = first or line
                    bad += 1
                    if bad >= 1000:
                        return first, bad
                    start = at + 1
    if rest:
        bad, first = bad + 1, first or line
    return first, bad


def _has_high(data: bytes) -> bool:
    return not data.isascii()


def _high_part(path: Path) -> bytes:
    """The first part of the file that is more than ASCII."""
    with path.open("rb") as file:
        while chunk := file.read(SAMPLE):
            if _has_high(chunk):
                return chunk
    return b""


def _legacy(sample: bytes) -> str:
    if _reads_as_vietnamese(sample):
        return "cp1258"
    found = from_bytes(sample).best()
    if found is None or sample.decode("cp1252", "replace") == str(found):
        return "cp1252"
    return found.encoding


def _reads_as_vietnamese(sample: bytes) -> bool:
    """Windows-1258: tone marks that stand after vowels, and letters that only Vietnamese has."""
    decoded = sample.decode("cp1258", errors="replace")
    if decoded.count("\ufffd") > len(decoded) // 500:
        return False
    marks = sum(decoded.count(mark) for mark in TONES)
    own = sum(decoded.count(letter) for letter in VIETNAMESE)
    composed = unicodedata.normalize("NFC", decoded)
    loose = sum(composed.count(mark) for mark in TONES)
    odd = sum(decoded.count(letter) for letter in ODD)
    return marks >= 2 and loose * 10 <= marks and own > 0 and odd * 4 <= own + marks


def as_utf8(path: Path, encoding: Encoding, target: Path) -> Path:
    """The same text in UTF-8 without a mark; the file itself where it is that already."""
    if encoding.name == "utf-8" and not encoding.bad_count:
        return path
    compose = encoding.name == "cp1258"
    with (
        path.open("r", encoding=encoding.name, errors="replace", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as copy,
    ):
        kept = ""
        while chunk := source.read(CHUNK):
            if compose:
                whole, separator, kept = (kept + chunk).rpartition("\n")
                copy.write(unicodedata.normalize("NFC", whole + separator))
            else:
                copy.write(chunk)
        copy.write(unicodedata.normalize("NFC", kept))
    return target


def long_line(path: Path, limit: int) -> int:
    """The first line, from 1, that is longer than `limit` bytes; 0 where none is.

    Asked before DuckDB sees the file: it takes minutes over a cell of many megabytes.
    """
    line, length = 1, 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            mark = b"\n" if b"\n" in chunk else b"\r"
            first, last = chunk.find(mark), chunk.rfind(mark)
            if first < 0:
                length += len(chunk)
            elif length + first > limit:
                return line
            else:
                line += chunk.count(mark)
                length = len(chunk) - last - 1
            if length > limit:
                return line
    return 0

"""Text of any encoding, of which the beginning is shown."""

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

from repository.core.messages import N_
from repository.previews.base import NOT_WHAT_IT_SAYS, CannotShow, Preview, Source

SHOWN_BYTES = 200_000
SAMPLE_BYTES = 50_000
LONGEST_LINE = 4000
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
TYPES = {
    *("application/json", "application/jsonl", "application/ld+json", "application/xml"),
    *("application/yaml", "application/javascript", "application/sql", "application/x-sh"),
    *("application/rdf+xml", "application/x-tex", "application/toml", "application/x-latex"),
}
ENDINGS = {
    *("txt", "log", "csv", "tsv", "md", "rst", "py", "r", "rmd", "jl", "m", "c", "h", "cpp", "f90"),
    *("java", "js", "ts", "sh", "sql", "tex", "bib", "ris", "ini", "cfg", "toml", "yaml", "yml"),
    *("json", "jsonl", "xml", "html", "css", "do", "sas", "sps", "gpx", "asc", "prj", "wkt"),
    *("fasta", "fa", "fastq", "vcf", "gff", "bed", "pdb", "cif", "ipynb", "geojson", "kml"),
}
CUT = N_("Only the beginning is shown.")


@dataclass(frozen=True)
class Decoded:
    text: str
    encoding: str
    is_cut: bool


class Text:
    name = "text"

    def knows(self, source: Source) -> bool:
        kind = source.media_type
        return kind.startswith("text/") or kind in TYPES or source.ending in ENDINGS

    def show(self, source: Source) -> Preview:
        return shown_as_text(source)


def shown_as_text(source: Source, *notes: str) -> Preview:
    """The beginning of a source, with notes on why it is shown so. Raises CannotShow."""
    decoded = decode(source)
    lines = [line[:LONGEST_LINE] for line in decoded.text.splitlines()]
    values = {"lines": lines, "encoding": decoded.encoding}
    return Preview("text", values, (*notes, CUT) if decoded.is_cut else notes)


def decode(source: Source) -> Decoded:
    """The first SHOWN_BYTES of a source in the encoding found. Raises CannotShow for binary."""
    content = source.head(SHOWN_BYTES)
    is_cut = source.size > len(content)
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return Decoded(content.decode(encoding, "replace"), encoding.upper(), is_cut)
    if b"\0" in content:
        raise CannotShow(NOT_WHAT_IT_SAYS)
    try:
        decoder = codecs.getincrementaldecoder("utf-8")()
        return Decoded(decoder.decode(content, final=not is_cut), "UTF-8", is_cut)
    except UnicodeDecodeError:
        best = from_bytes(content[:SAMPLE_BYTES]).best()
    if best is None:
        raise CannotShow(NOT_WHAT_IT_SAYS)
    return Decoded(content.decode(best.encoding, "replace"), best.encoding.upper(), is_cut)

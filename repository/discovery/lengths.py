"""How long the lists in an archive will be, reckoned from the rows without writing them.

Writing the metadata of 100,000 files takes seconds; a download has to say its length before that.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from sqlalchemy import func

from repository.core.runtime import Runtime
from repository.discovery.packed import Rows
from repository.records.models import File

AT_ONCE = 5000
SAFE = "".join(chr(code) for code in range(128) if quote(chr(code)) == chr(code)).encode()


@dataclass
class Tally:
    """What lengths follow from: bytes of the paths in JSON (without their quotation marks) and in
    addresses, digits of the sizes, and how many files have which media type, licence and format.
    """

    files: int = 0
    in_json: int = 0
    in_addresses: int = 0
    digits: int = 0
    kinds: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, paths: list[str], sizes: list[int]) -> None:
        """Of many at once, in C: no path holds a line break, which takes two bytes in JSON."""
        joined = "\n".join(paths)
        encoded, breaks = joined.encode(), len(paths) - 1
        self.files += len(paths)
        self.in_json += len(json.dumps(joined, ensure_ascii=False).encode()) - 2 - 2 * breaks
        unsafe = len(encoded.translate(None, SAFE)) - breaks
        self.in_addresses += len(encoded) - breaks + 2 * unsafe
        self.digits += sum(map(len, map(str, sizes)))


def tally(runtime: Runtime, rows: Rows) -> Tally:
    found = Tally()
    with runtime.read() as work:
        columns = (File.path, File.size, File.media_type, File.license, rows.puid)
        query = rows.chosen(*columns).execution_options(yield_per=AT_ONCE)
        for part in work.session.execute(query).partitions():
            paths, sizes, *kinds = zip(*part, strict=True)
            found.add(list(paths), list(sizes))
            found.kinds.update(zip(*kinds, strict=True))
    return found


def distinct_digests(runtime: Runtime, rows: Rows, others: set[str]) -> int:
    """How many different contents the files have, together with these."""
    with runtime.read() as work:
        count = work.session.scalar(rows.chosen(func.count(File.sha256.distinct()))) or 0
        same = set(work.session.scalars(rows.chosen(File.sha256).where(File.sha256.in_(others))))
    return count + len(others - same)


def by_kind(found: Tally, one: Callable[[str, str, str], int]) -> int:
    """The sum of what `one` says of a media type, licence and format, over all files."""
    return sum(count * one(*kind) for kind, count in found.kinds.items())


def licences(found: Tally) -> Mapping[str, None]:
    """Each licence that a file has of its own."""
    return dict.fromkeys(licence for _type, licence, _format in found.kinds if licence)


def formats(found: Tally) -> Mapping[str, None]:
    """Each format of the PRONOM registry that a file has."""
    return dict.fromkeys(puid for _type, _licence, puid in found.kinds if puid)

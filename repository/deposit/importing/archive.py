"""Archives that come from outside: a bag, a crate, a data package, or files in a ZIP.

Nothing is unpacked onto a disk: members go one by one into the object store. Names that lead out,
links, passwords, and archives that grow beyond measure are refused before a byte is kept.
"""

import hashlib
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.records.paths import normalise_path

MAX_MEMBERS = 10_000  # of what makes a record by one request
MAX_UNPACKED = 20 << 30
MAX_RATIO, FREE_OF_RATIO = 200, 50 << 20
MAX_DESCRIPTION = 10 << 20
CHUNK = 1 << 20
DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
    *(EOFError, OSError, ValueError, NotImplementedError, RuntimeError, IndexError),
)
# In this order: the one that says most is read.
DESCRIPTIONS = (
    *("metadata/datacite.xml", "metadata/record.json", "ro-crate-metadata.json"),
    *("datapackage.json", "datacite.xml", "datacite.json", "codemeta.json", "CITATION.cff"),
)
# They describe the packing, which ends here.
OF_THE_PACKING = frozenset({"ro-crate-metadata.json"})
_MANIFEST = re.compile(r"manifest-(md5|sha1|sha256|sha512)\.txt")
_TAG_FILE = re.compile(r"bagit\.txt|bag-info\.txt|(?:tag)?manifest-\w+\.txt")
_DECODED = re.compile("%(0[aAdD]|25)")


class _Refused(ValidationFailed):
    def __init__(self, message: str, **params: object) -> None:
        super().__init__(errors=[FieldError("/file", message, params)])


@dataclass
class Unpacked:
    """`files` are what is kept, by path; `description` the member to read, by its name in the bag
    or crate; `left` what is not kept.
    """

    files: dict[str, zipfile.ZipInfo]
    description: str = ""
    member: zipfile.ZipInfo | None = None
    digests: dict[str, dict[str, str]] = field(default_factory=dict)
    left: tuple[str, ...] = ()


def look_into(archive: zipfile.ZipFile) -> Unpacked:
    """What an archive holds. Raises ValidationFailed."""
    members = _without_folder(look_at(archive))
    if "bagit.txt" in members:
        return _bag(archive, members)
    name = next((each for each in DESCRIPTIONS if each in members), "")
    kept = {path: info for path, info in members.items() if path not in OF_THE_PACKING}
    if name == "ro-crate-metadata.json" and all(path.startswith("data/") for path in kept):
        kept = {path.removeprefix("data/"): info for path, info in kept.items()}
    return Unpacked(kept, name, members.get(name))


def look_at(archive: zipfile.ZipFile, most: int = MAX_MEMBERS) -> dict[str, zipfile.ZipInfo]:
    """The files in it, `most` of them, by path. Raises ValidationFailed."""
    members: dict[str, zipfile.ZipInfo] = {}
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > most:
        raise _Refused(N_("The archive holds more than %(most)s files."), most=most)
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if grows_too_large(total, packed):
        raise _Refused(N_("The archive would become too large when unpacked."))
    for info in infos:
        if info.flag_bits & 1:
            raise _Refused(N_("The archive is encrypted; send it without a password."))
        if stat.S_ISLNK(info.external_attr >> 16):
            raise _Refused(
                N_("%(name)s in the archive is a link; only files are taken."),
                name=info.filename[:200],
            )
        path = normalise_path(info.filename, "/file")
        if path in members:
            raise _Refused(N_("%(name)s is in the archive twice."), name=path[:200])
        members[path] = info
    return members


def grows_too_large(total: int, packed: int) -> bool:
    """Whether so many bytes are more than anybody needs, or than so few packed ones can honestly
    hold.
    """
    return total > MAX_UNPACKED or total > FREE_OF_RATIO + packed * MAX_RATIO


def _without_folder(members: Mapping[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """A single folder around everything is the packing's, where a bag or a crate lies in it."""
    tops = {path.partition("/")[0] for path in members}
    marks = ("bagit.txt", *DESCRIPTIONS)
    if len(tops) == 1 and not any(mark in members for mark in marks):
        top = f"{tops.pop()}/"
        if any(f"{top}{mark}" in members for mark in marks):
            return {path.removeprefix(top): info for path, info in members.items()}
    return dict(members)


def _bag(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> Unpacked:
    """A BagIt bag (RFC 8493): its payload, with the digests that its manifests promise."""
    if "fetch.txt" in members:
        raise _Refused(N_("The bag leaves files to be fetched (fetch.txt); fill it first."))
    payload = {p.removeprefix("data/"): i for p, i in members.items() if p.startswith("data/")}
    promised: dict[str, dict[str, str]] = {}
    for path, info in members.items():
        found = _MANIFEST.fullmatch(path)
        if found is not None:
            for digest, name in _manifest(archive, info):
                promised.setdefault(name, {})[found[1]] = digest
    if not promised and payload:
        raise _Refused(N_("The bag has no manifest that can be checked."))
    lacking = sorted(promised.keys() ^ payload.keys())
    if lacking:
        raise _Refused(
            N_("The bag is not whole: %(name)s is in its manifest or in its files, not in both."),
            name=lacking[0][:200],
        )
    known = {**{f"data/{path}": info for path, info in payload.items()}, **members}
    inside = (*DESCRIPTIONS, *(f"data/{name}" for name in DESCRIPTIONS))
    name = next((each for each in inside if each in known), "")
    left = tuple(
        path
        for path in sorted(members)
        if not path.startswith("data/") and path != name and not _TAG_FILE.fullmatch(path)
    )
    return Unpacked(payload, name, known.get(name), promised, left)


def _manifest(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[tuple[str, str]]:
    for line in small(archive, info).decode("utf-8", "replace").splitlines():
        digest, _space, path = line.strip().partition(" ")
        path = _DECODED.sub(lambda m: bytes.fromhex(m[1]).decode(), path.strip().lstrip("*"))
        if path:
            yield digest.lower(), normalise_path(path, "/file").removeprefix("data/")


def small(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The whole of a description. Raises ValidationFailed for what is none for its size."""
    if info.file_size > MAX_DESCRIPTION:
        raise _Refused(N_("%(name)s is too large to be a description."), name=info.filename[:200])
    with opened(archive, info) as stream:
        return stream.read(MAX_DESCRIPTION + 1)


def opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    try:
        return cast("BinaryIO", archive.open(info))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise _Refused(N_("%(name)s cannot be unpacked."), name=info.filename[:200]) from error


class Checking:
    """A member's bytes on their way, compared with its promised digests when they have passed."""

    def __init__(self, stream: BinaryIO, name: str, promised: Mapping[str, str]) -> None:
        self._stream, self._name, self._promised = stream, name, promised
        self._hashes = {kind: hashlib.new(kind) for kind in promised}

    def read(self, size: int = -1) -> bytes:
        try:
            chunk = self._stream.read(size if size > 0 else CHUNK)
        except DAMAGED as error:
            raise _Refused(N_("%(name)s cannot be unpacked."), name=self._name[:200]) from error
        for each in self._hashes.values():
            each.update(chunk)
        if not chunk and any(h.hexdigest() != self._promised[k] for k, h in self._hashes.items()):
            raise _Refused(
                N_("%(name)s does not have the checksum that the bag promises."),
                name=self._name[:200],
            )
        return chunk

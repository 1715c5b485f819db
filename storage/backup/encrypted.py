"""A target whose bytes are files of age (https://age-encryption.org/v1), by the pyrage library.

Any program that knows the format decrypts them with the identity, one by one; each is named as it
was, with `.age` behind. So a backup can still be read with two specifications and without this
program. Names are not hidden.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyrage

from storage.backup.targets import Lock, Source, Target, hash_of, stream_of
from storage.base import CHUNK_SIZE, NotStored, StorageError, Stored
from storage.digests import HashingReader

ENDING = ".age"
BLOCK, TAG, NONCE = 64 << 10, 16, 16  # section "Payload" of the format
LONGEST_HEADER = 64 << 10


class NoKey(StorageError):
    """What is there is encrypted, and to no key that is at hand."""


class Undecipherable(NotStored):
    """The bytes are not those that were encrypted."""


class Keys:
    """Identities that decrypt, the first of which new bytes are encrypted to, along with others."""

    def __init__(self, identities: Sequence[Any], others: Sequence[Any] = ()) -> None:
        self.identities = list(identities)
        self.recipients = [self.identities[0].to_public(), *others]


def read_keys(path: Path, others: Sequence[str] = ()) -> Keys:
    """From a file of identities as `age-keygen` writes it; `others` are recipients (`age1…`).

    Raises NoKey where the file cannot be read or holds no identity.
    """
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
        found = [
            pyrage.x25519.Identity.from_str(line)
            for line in lines
            if line and not line.startswith("#")
        ]
        public = [pyrage.x25519.Recipient.from_str(other) for other in others]
    except (OSError, UnicodeDecodeError) as error:
        raise NoKey(f"the key file {path} cannot be read") from error
    except (pyrage.IdentityError, pyrage.RecipientError) as error:
        raise NoKey(f"the key file {path}, or a recipient, is not as age writes it") from error
    if not found:
        raise NoKey(f"there is no key in {path}")
    return Keys(found, public)


def new_key(path: Path) -> str:
    """Make an identity, in a new file that its owner alone may read; its recipient.

    Raises FileExistsError.
    """
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"# public key: {recipient}\n{identity}\n")
    return recipient


class EncryptedTarget:
    """Any target, with all that is written to it encrypted on the way."""

    def __init__(self, inner: Target, keys: Keys) -> None:
        self._inner, self._keys = inner, keys

    def prepare(self) -> None:
        self._inner.prepare()

    def put(self, key: str, source: Source, *, sha256: str | None) -> Stored:
        if sha256 is not None and (there := self._found(key)) and there.sha256 == sha256:
            return there
        passed: list[HashingReader] = []

        def encrypted() -> Iterator[bytes]:
            reader = HashingReader(stream_of(source()), crc=False)
            passed.append(reader)
            yield from _through(
                lambda sink: pyrage.encrypt_io(
                    _Kept(lambda size: _checked(reader, size, sha256), sink),
                    sink,
                    self._keys.recipients,
                ),
            )

        self._inner.put(key + ENDING, encrypted, sha256=None)
        return passed[-1].verified(None, sha256)

    def _found(self, key: str) -> Stored | None:
        try:
            return hash_of(self.read(key))
        except NotStored:
            return None

    def replace(self, key: str, data: bytes) -> None:
        self.put(key, lambda: iter([data]), sha256=hashlib.sha256(data).hexdigest())

    def read(self, key: str) -> Iterator[bytes]:
        chunks = self._inner.read(key + ENDING)
        return self._decrypted(key, chunks)

    def _decrypted(self, key: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
        stream = stream_of(chunks)

        def work(sink: _Sink) -> None:
            with stream:
                pyrage.decrypt_io(_Kept(stream.read, sink), sink, self._keys.identities)

        try:
            yield from _through(work)
        except (pyrage.DecryptError, OSError) as error:
            raise Undecipherable(f"{key} cannot be decrypted: {error}") from error

    def size(self, key: str) -> int:
        """Worked out of the encrypted size and the header's: nothing is decrypted."""
        sealed = self._inner.size(key + ENDING)
        payload = sealed - self._header_size(key) - NONCE
        blocks = -(-payload // (BLOCK + TAG))
        return payload - blocks * TAG

    def _header_size(self, key: str) -> int:
        with stream_of(self._inner.read(key + ENDING)) as stream:
            data = stream.read(LONGEST_HEADER)
        last = data.find(b"\n--- ")
        end = data.find(b"\n", last + 1) if last >= 0 else -1
        if end < 0:
            raise Undecipherable(f"{key} is no file of age")
        return end + 1

    def keys(self, prefix: str) -> Iterator[str]:
        for key in self._inner.keys(prefix):
            if key.endswith(ENDING):
                yield key.removesuffix(ENDING)

    def delete(self, key: str) -> None:
        self._inner.delete(key + ENDING)

    def lock(self, lock: Lock, *, seen: bool = False) -> bool:
        return self._inner.lock(lock, seen=seen)

    def renew(self, key: str) -> None:
        self._inner.renew(key + ENDING)


def _checked(reader: HashingReader, size: int, sha256: str | None) -> bytes:
    """Ends only if all that came is what was announced: the encryption is then never completed."""
    chunk = reader.read(size)
    if not chunk:
        reader.verified(None, sha256)
    return chunk


class _Sink:
    """The writing end of a pipe, and the error that kept the reader of the source from going on."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.error: BaseException | None = None

    def write(self, data: bytes) -> int:
        return os.write(self._descriptor, data)

    def flush(self) -> None: ...


class _Kept:
    """A reader for code that is not Python's, and would tell of an error without its kind."""

    def __init__(self, read: Callable[[int], bytes], sink: _Sink) -> None:
        self._read, self._sink = read, sink

    def read(self, size: int = -1) -> bytes:
        try:
            return self._read(size)
        except BaseException as error:
            self._sink.error = error
            raise


def _through(work: Callable[[_Sink], None]) -> Iterator[bytes]:
    """What `work` writes, in chunks as they come: it runs beside, and waits for the reader."""
    reading, writing = os.pipe()
    sink = _Sink(writing)

    def run() -> None:
        try:
            work(sink)
        except BaseException as error:  # noqa: BLE001 - raised where the chunks are read
            sink.error = sink.error or error
        finally:
            os.close(writing)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    with os.fdopen(reading, "rb", buffering=0) as file:
        while chunk := cast("BinaryIO", file).read(CHUNK_SIZE):
            yield chunk
    thread.join()
    if sink.error is not None:
        raise sink.error

"""What a store really does, found out by trying: a 200 proves nothing.

Some servers accept wrong checksums, ignore object lock and answer as if all were well. Each finding
here comes from an object that was written, tampered with and looked at again.
"""

import hashlib
import io
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from storage.base import DigestMismatch, NotStored, ObjectStore, StorageError, Trial

VERIFIED, UNSUPPORTED, FAILED = "verified", "not supported", "FAILED"


@dataclass(frozen=True)
class Finding:
    """`verdict` is VERIFIED, UNSUPPORTED, or FAILED where the repository cannot do without."""

    what: str
    verdict: str
    detail: str = ""


def probe(store: ObjectStore) -> Iterator[Finding]:
    """Try a store that is in use: it is left as it was, but for a locked object of a few bytes
    that an S3 store may keep below `tmp/probe/` for two minutes and more.
    """
    yield _reads_back(store)
    yield _refuses_wrong_digest(store)
    trial = store.trial()
    if trial is not None:
        yield _refuses_wrong_md5(trial)
        yield _never_overwrites(trial)
        yield _locks(trial)
    else:
        detail = "a folder's files can be deleted by whoever owns them"
        yield Finding("WORM (object lock)", UNSUPPORTED, detail)


def _reads_back(store: ObjectStore) -> Finding:
    what, data = "Writing, reading back, deleting", secrets.token_bytes(1024)
    try:
        stored = store.write(io.BytesIO(data))
        same = b"".join(store.read(stored.sha256)) == data
        store.delete(stored.sha256)
    except StorageError as error:
        return Finding(what, FAILED, str(error))
    try:
        store.size(stored.sha256)
    except NotStored:
        return Finding(what, VERIFIED if same else FAILED, "" if same else "other bytes came back")
    return Finding(what, FAILED, "a deleted object is still there")


def _refuses_wrong_digest(store: ObjectStore) -> Finding:
    what, data = "A wrong SHA-256 is refused", secrets.token_bytes(64)
    right = hashlib.sha256(data).hexdigest()
    try:
        store.write(io.BytesIO(data), sha256=hashlib.sha256(os.urandom(8)).hexdigest())
    except DigestMismatch:
        try:
            store.size(right)
        except NotStored:
            return Finding(what, VERIFIED)
    except StorageError as error:
        return Finding(what, FAILED, str(error))
    return Finding(what, FAILED, "it was stored")


def _refuses_wrong_md5(trial: Trial) -> Finding:
    what = "A wrong Content-MD5 is refused by the server"
    key = f"tmp/probe/{secrets.token_hex(8)}"
    answer = trial.put(key, b"a", {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="})
    trial.forget(key)
    detail = "parts that browsers send are checked by their SHA-256 afterwards all the same"
    refused = 400 <= answer < 500
    return Finding(what, VERIFIED if refused else UNSUPPORTED, "" if refused else detail)


def _never_overwrites(trial: Trial) -> Finding:
    what = "Never overwriting (If-None-Match: *)"
    key = f"tmp/probe/{secrets.token_hex(8)}"
    first = trial.put(key, b"a", {})
    second = trial.put(key, b"b", {"If-None-Match": "*"})
    kept = trial.content(key) == b"a"
    trial.forget(key)
    if first == 200 and second == 412 and kept:
        return Finding(what, VERIFIED)
    return Finding(what, UNSUPPORTED, "the repository looks before it writes")


def _locks(trial: Trial) -> Finding:
    what = "WORM (object lock)"
    key = f"tmp/probe/{secrets.token_hex(8)}"
    try:
        kept = trial.survives_deletion(key)
    except StorageError as error:
        return Finding(what, UNSUPPORTED, str(error))
    if kept:
        return Finding(what, VERIFIED, "an object under retention survived its deletion")
    return Finding(what, UNSUPPORTED, "an object under retention was deleted")

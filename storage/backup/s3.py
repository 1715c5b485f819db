"""Backups in a bucket of any S3 store; through `rclone serve s3` anything that rclone reaches.

An object of S3 appears whole or not at all, so nothing arrives under another name first. What is
written is read back and compared: an ETag, or a checksum that the server promises to check, proves
nothing.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, cast

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from minio.retention import Retention

from storage import s3_http
from storage.backup.targets import Lock, Source, UnusableKey, hash_of, stream_of
from storage.base import CHUNK_SIZE, DigestMismatch, NotStored, StorageError, Stored, StoreFull
from storage.digests import HashingReader
from storage.s3_trial import Refused, survives_deletion

PART_SIZE = 16 << 20
LONGEST_KEY = 1024  # bytes, of UTF-8
MISSING = ("NoSuchKey", "NoSuchObject", "NotFound", "404")
FULL = ("XMinioStorageFull", "InsufficientStorage", "QuotaExceeded", "EntityTooLarge")


class S3Target:
    """A bucket, or what lies below a prefix of one. Raises StorageError where it does not answer.

    With a `lock` each object is written under object lock: not even who holds these credentials
    can delete or replace that version of it before its days are over.
    """

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        prefix: str,
        access_key: str,
        secret_key: str,
        *,
        region: str = "us-east-1",
        secure: bool = True,
        http_client: urllib3.PoolManager | None = None,
    ) -> None:
        self._client = Minio(
            endpoint,
            access_key=access_key,
            secret_key=secret_key,
            region=region,
            secure=secure,
            http_client=http_client or s3_http.http_client(),
        )
        self._bucket, self._prefix = bucket, prefix.strip("/")
        self._lock: Lock | None = None

    def prepare(self) -> None:
        with self._answers():
            if not self._client.bucket_exists(self._bucket):
                raise StorageError(f"there is no bucket {self._bucket}")

    def put(self, key: str, source: Source, *, sha256: str | None) -> Stored:
        if sha256 is not None and (there := self._found(key)) and there.sha256 == sha256:
            return there
        reader = _Announced(source(), sha256)
        with self._answers():
            self._client.put_object(
                self._bucket,
                self._name(key),
                cast("BinaryIO", reader),
                -1,
                part_size=PART_SIZE,
                num_parallel_uploads=1,
                retention=self._retention(),
            )
        stored = reader.verified(None, sha256)
        if (reread := hash_of(self.read(key))) != stored:
            raise DigestMismatch(f"{key}: written {stored.sha256}, read back {reread.sha256}")
        return stored

    def replace(self, key: str, data: bytes) -> None:
        self.put(key, lambda: iter([data]), sha256=hashlib.sha256(data).hexdigest())

    def _found(self, key: str) -> Stored | None:
        try:
            return hash_of(self.read(key))
        except NotStored:
            return None

    def read(self, key: str) -> Iterator[bytes]:
        with self._answers(key):
            response = self._client.get_object(self._bucket, self._name(key))
        return self._chunks(response)

    def _chunks(self, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        try:
            with self._answers():
                yield from response.stream(CHUNK_SIZE)
        finally:
            response.close()
            response.release_conn()

    def size(self, key: str) -> int:
        with self._answers(key):
            return self._client.stat_object(self._bucket, self._name(key)).size or 0

    def keys(self, prefix: str) -> Iterator[str]:
        below = self._name(prefix) + "/"
        with self._answers():
            for item in self._client.list_objects(self._bucket, prefix=below, recursive=True):
                name = str(item.object_name)
                yield name.removeprefix(f"{self._prefix}/") if self._prefix else name

    def delete(self, key: str) -> None:
        with self._answers():
            self._client.remove_object(self._bucket, self._name(key))

    def lock(self, lock: Lock, *, seen: bool = False) -> bool:
        """Tried on an object of its own."""
        if not seen:
            seen = self._refuses_to_delete(lock.mode)
        self._lock = lock if seen else None
        return seen

    def _refuses_to_delete(self, mode: str) -> bool:
        name = self._name(f"tmp/lock-{secrets.token_hex(8)}")
        try:
            return survives_deletion(self._client, self._bucket, name, mode)
        except Refused:
            return False  # this bucket has no object lock

    def renew(self, key: str) -> None:
        retention, name = self._retention(), self._name(key)
        if retention is None:
            return
        with self._answers(key):
            try:
                self._client.set_object_retention(self._bucket, name, retention)
            except S3Error:
                if self._locked_till(name) < retention.retain_until_date:
                    raise

    def _locked_till(self, name: str) -> datetime:
        """By the header, which has fractions of seconds of any length: minio reads none."""
        headers = self._client.stat_object(self._bucket, name).metadata or {}
        told = str(headers.get("x-amz-object-lock-retain-until-date", "0001-01-01T00:00:00"))
        return datetime.fromisoformat(told[:19]).replace(tzinfo=UTC)

    def _retention(self) -> Retention | None:
        if self._lock is None:
            return None
        return Retention(self._lock.mode, datetime.now(UTC) + timedelta(self._lock.days))

    def _name(self, key: str) -> str:
        if not key or any(part in ("", ".", "..") for part in key.split("/")):
            raise ValueError(f"not a key: {key!r}")
        name = f"{self._prefix}/{key}" if self._prefix else key
        if len(name.encode()) > LONGEST_KEY:
            raise UnusableKey("a name is too long for an object store")
        return name

    @contextmanager
    def _answers(self, key: str = "") -> Iterator[None]:
        try:
            yield
        except S3Error as error:
            if key and error.code in MISSING:
                raise NotStored(key) from error
            if error.code in FULL:
                raise StoreFull("no space left in the object store") from error
            raise StorageError(f"the object store answered {error.code}") from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise StorageError(f"the object store did not answer: {error}") from error


class _Announced(HashingReader):
    """Ends only if all that came is what was announced, so that nothing else is ever completed."""

    def __init__(self, chunks: Iterator[bytes], sha256: str | None) -> None:
        super().__init__(stream_of(chunks))
        self._announced = sha256

    def read(self, size: int = -1) -> bytes:
        chunk = super().read(size)
        if not chunk:
            self.verified(None, self._announced)
        return chunk

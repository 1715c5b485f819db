"""Uploads in parts, in an S3 store: its own multipart uploads."""

import hashlib
import uuid
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import BinaryIO, cast

import urllib3
from minio import Minio
from minio.commonconfig import ComposeSource
from minio.datatypes import Part as S3Part
from minio.error import MinioException, S3Error

from storage.base import (
    CHUNK_SIZE,
    DigestMismatch,
    NotStored,
    Part,
    SizeMismatch,
    StorageError,
    Stored,
    object_key,
)
from storage.digests import CheckedReader
from storage.sigv4 import Signer

PREFIX = "tmp/parts/"
PAGE = 1000
SECONDS = 900
GONE = ("NoSuchUpload", "NoSuchKey", "404")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class S3Parts:
    """Parts go to `tmp/parts/…`, from here or from clients outside at signed addresses.

    The completed object is read once, for its SHA-256 is the only proof of what arrived (an ETag
    or a checksum header is none: some servers accept wrong ones), then copied inside the store to
    where it belongs. The client library's own calls for multipart uploads are named as private,
    and there are no others.
    """

    def __init__(
        self,
        client: Minio,
        bucket: str,
        http: urllib3.PoolManager,
        signer: Signer,
        base: str,
        browser_url: str,
        exists: Callable[[str], bool],
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._http = http
        self._signer = signer
        self._base = base
        self._browser_url = browser_url.rstrip("/")
        self._exists = exists

    def begin(self) -> str:
        name = uuid.uuid4().hex
        with _answered():
            upload_id = self._client._create_multipart_upload(self._bucket, PREFIX + name, {})
        return f"{name}/{upload_id}"

    def put(
        self,
        upload: str,
        number: int,
        stream: BinaryIO,
        *,
        size: int,
        sha256: str | None = None,
        md5: str | None = None,
    ) -> None:
        reader = CheckedReader(stream, size, sha256=sha256, md5=md5)
        headers = _headers(size, md5)
        now = datetime.now(UTC)
        url = self._signed(self._base, upload, number, headers, now, SECONDS)
        with _answered():
            answer = self._http.request(
                "PUT", url, body=cast("BinaryIO", reader), headers=headers, retries=False
            )
        if answer.status in (404, 410):
            raise NotStored(upload)
        if answer.status != 200:
            raise StorageError(f"the object store answered {answer.status} to a part")

    def held(self, upload: str) -> list[Part]:
        return [
            Part(part.part_number, part.size or 0, part.last_modified or LONG_AGO)
            for part in self._listed(upload)
        ]

    def _listed(self, upload: str) -> list[S3Part]:
        key, upload_id = _split(upload)
        found: list[S3Part] = []
        marker: str | None = None
        while True:
            try:
                with _answered():
                    page = self._client._list_parts(
                        self._bucket, key, upload_id, PAGE, part_number_marker=marker
                    )
            except NotStored:
                return []
            found += page.parts
            if not page.is_truncated or not page.parts:
                return sorted(found, key=lambda part: part.part_number)
            marker = str(page.parts[-1].part_number)

    def finish(self, upload: str, count: int, *, size: int, sha256: str | None = None) -> Stored:
        key, upload_id = _split(upload)
        if self._size(key) is None:
            parts = self._listed(upload)
            if not parts:
                raise NotStored(upload)
            total = sum(part.size or 0 for part in parts)
            if [part.part_number for part in parts] != list(range(1, count + 1)) or total != size:
                raise SizeMismatch(f"{len(parts)} of {count} parts, {total} of {size} bytes")
            with _answered():
                self._client._complete_multipart_upload(self._bucket, key, upload_id, parts)
        stored = self._read_back(key)
        if stored.size != size:
            raise SizeMismatch(f"{stored.size} bytes are there, {size} were announced")
        if sha256 is not None and sha256.lower() != stored.sha256:
            raise DigestMismatch(f"SHA-256 is {stored.sha256}, {sha256} was announced")
        if not self._exists(stored.sha256):
            with _answered():
                self._client.compose_object(
                    self._bucket,
                    object_key(stored.sha256),
                    [ComposeSource(self._bucket, key)],
                )
        return stored

    def _size(self, key: str) -> int | None:
        try:
            with _answered():
                return self._client.stat_object(self._bucket, key).size
        except NotStored:
            return None

    def _read_back(self, key: str) -> Stored:
        digest, size, crc = hashlib.sha256(), 0, 0
        with _answered():
            response = self._client.get_object(self._bucket, key)
            try:
                for chunk in response.stream(CHUNK_SIZE):
                    digest.update(chunk)
                    size += len(chunk)
                    crc = zlib.crc32(chunk, crc)
            finally:
                response.close()
                response.release_conn()
        return Stored(digest.hexdigest(), size, crc)

    def discard(self, upload: str) -> None:
        key, upload_id = _split(upload)
        if upload_id:
            try:
                with _answered():
                    self._client._abort_multipart_upload(self._bucket, key, upload_id)
            except NotStored:
                pass
        with _answered():
            self._client.remove_object(self._bucket, key)

    def begun(self) -> Iterator[tuple[str, datetime]]:
        marker: str | None = None
        while True:
            with _answered():
                page = self._client._list_multipart_uploads(
                    self._bucket, prefix=PREFIX, key_marker=marker
                )
            for found in page.uploads:
                name = found.object_name.removeprefix(PREFIX)
                yield f"{name}/{found.upload_id}", found.initiated_time or LONG_AGO
            if not page.is_truncated or not page.uploads:
                break
            marker = page.uploads[-1].object_name
        with _answered():
            for item in self._client.list_objects(self._bucket, prefix=PREFIX, recursive=True):
                name = str(item.object_name).removeprefix(PREFIX)
                yield f"{name}/", item.last_modified or LONG_AGO

    def address(
        self, upload: str, number: int, *, size: int, md5: str | None, seconds: int, now: datetime
    ) -> str | None:
        if not self._browser_url:
            return None
        return self._signed(self._browser_url, upload, number, _headers(size, md5), now, seconds)

    def _signed(
        self,
        base: str,
        upload: str,
        number: int,
        headers: dict[str, str],
        now: datetime,
        seconds: int,
    ) -> str:
        key, upload_id = _split(upload)
        query = {"partNumber": str(number), "uploadId": upload_id}
        url = f"{base}/{self._bucket}/{key}"
        return self._signer.signed("PUT", url, query, headers, now=now, seconds=seconds)


def _headers(size: int, md5: str | None) -> dict[str, str]:
    headers = {"Content-Length": str(size)}
    if md5 is not None:
        headers["Content-MD5"] = b64encode(bytes.fromhex(md5)).decode()
    return headers


def _split(upload: str) -> tuple[str, str]:
    name, _, upload_id = upload.partition("/")
    if not name.isalnum():
        raise NotStored(upload)
    return PREFIX + name, upload_id


@contextmanager
def _answered() -> Iterator[None]:
    """Say in our words what the client raises. Raises NotStored, StorageError."""
    try:
        yield
    except S3Error as error:
        if error.code in GONE:
            raise NotStored(str(error.code)) from error
        raise StorageError(f"the object store answered {error.code}") from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StorageError(f"the object store does not answer: {error}") from error

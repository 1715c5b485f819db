"""Objects in a bucket of MinIO, Ceph or any other S3 store, through the `minio` client."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import urllib3
from minio import Minio
from minio.commonconfig import ComposeSource
from minio.datatypes import Object
from minio.error import MinioException, S3Error

from storage import s3_http
from storage.base import CHUNK_SIZE, NotStored, StorageError, Stored, Trial, object_key
from storage.digests import HashingReader
from storage.s3_parts import S3Parts
from storage.s3_trial import S3Trial
from storage.sigv4 import Signer

PART_SIZE = 16 << 20
ERRORS = (MinioException, urllib3.exceptions.HTTPError)
MISSING = ("NoSuchKey", "NoSuchObject", "NotFound", "404")


class S3Store:
    """A bucket; arriving bytes are a multipart upload below `tmp/` that is then copied in place.

    The copy happens in the store. The digest is of the bytes that passed through here; an ETag
    would prove nothing. `browser_url` is where clients outside reach the store, with its scheme;
    where empty, parts of uploads and downloads come through here.
    """

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        region: str = "us-east-1",
        secure: bool = True,
        http_client: urllib3.PoolManager | None = None,
        browser_url: str = "",
    ) -> None:
        http = http_client or s3_http.http_client()
        self._client = Minio(
            endpoint,
            access_key=access_key,
            secret_key=secret_key,
            region=region,
            secure=secure,
            http_client=http,
        )
        self._bucket = bucket
        self._browser_url = browser_url.rstrip("/")
        self._signer = signer = Signer(access_key, secret_key, region)
        self._http = http
        self._base = base = f"{'https' if secure else 'http'}://{endpoint}"
        self.parts = S3Parts(self._client, bucket, http, signer, base, browser_url, self._exists)

    def write(
        self,
        stream: BinaryIO,
        *,
        size: int | None = None,
        sha256: str | None = None,
        max_size: int | None = None,
    ) -> Stored:
        reader = HashingReader(stream, max_size if size is None else size)
        arriving = f"tmp/{uuid.uuid4().hex}"
        try:
            self._client.put_object(
                self._bucket, arriving, cast("BinaryIO", reader), -1, part_size=PART_SIZE
            )
            stored = reader.verified(size, sha256)
            if not self._exists(stored.sha256):
                self._client.compose_object(
                    self._bucket,
                    object_key(stored.sha256),
                    [ComposeSource(self._bucket, arriving)],
                )
        except ERRORS as error:
            raise StorageError(f"the object store did not take it: {error}") from error
        finally:
            self._discard(arriving)
        return stored

    def _discard(self, key: str) -> None:
        try:
            self._client.remove_object(self._bucket, key)
        except ERRORS as error:
            raise StorageError(f"the object store did not answer: {error}") from error

    def _exists(self, sha256: str) -> bool:
        try:
            self.size(sha256)
        except NotStored:
            return False
        return True

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        try:
            response = self._client.get_object(
                self._bucket, object_key(sha256), offset=start, length=length or 0
            )
        except ERRORS as error:
            raise _translated(error, sha256) from error
        return _chunks(response)

    def size(self, sha256: str) -> int:
        return self._stat(sha256).size or 0

    def written_at(self, sha256: str) -> datetime:
        return self._stat(sha256).last_modified or datetime.now(UTC)

    def _stat(self, sha256: str) -> Object:
        try:
            return self._client.stat_object(self._bucket, object_key(sha256))
        except ERRORS as error:
            raise _translated(error, sha256) from error

    def delete(self, sha256: str) -> None:
        self._discard(object_key(sha256))

    def digests(self) -> Iterator[str]:
        try:
            for item in self._client.list_objects(self._bucket, prefix="sha256/", recursive=True):
                yield str(item.object_name).rsplit("/", 1)[-1]
        except ERRORS as error:
            raise StorageError(f"the object store does not answer: {error}") from error

    def check(self) -> None:
        try:
            if not self._client.bucket_exists(self._bucket):
                raise StorageError(f"there is no bucket {self._bucket}")
        except ERRORS as error:
            raise StorageError(f"the object store does not answer: {error}") from error

    def address(
        self, sha256: str, *, media_type: str, disposition: str, seconds: int, now: datetime
    ) -> str | None:
        if not self._browser_url:
            return None
        url = f"{self._browser_url}/{self._bucket}/{object_key(sha256)}"
        asked = {
            "response-content-disposition": disposition,
            "response-content-type": media_type,
        }
        return self._signer.signed("GET", url, asked, {}, now=now, seconds=seconds)

    def trial(self) -> Trial:
        return S3Trial(self._client, self._bucket, self._http, self._signer, self._base)

    def local_path(self, sha256: str) -> Path | None:
        return None


def _translated(error: Exception, sha256: str) -> StorageError:
    if not isinstance(error, S3Error):
        return StorageError(f"the object store does not answer: {error}")
    if error.code in MISSING:
        return NotStored(sha256)
    return StorageError(f"the object store answered {error.code}")


def _chunks(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    try:
        yield from response.stream(CHUNK_SIZE)
    except urllib3.exceptions.HTTPError as error:
        raise StorageError(f"the object store broke off: {error}") from error
    finally:
        response.close()
        response.release_conn()

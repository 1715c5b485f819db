"""The bare requests of an S3 server, for `storage.probe`, and the trial of its object lock."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import urllib3
from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.error import MinioException, S3Error
from minio.retention import Retention

from storage.base import StorageError
from storage.sigv4 import Signer

LOCKED_FOR = timedelta(minutes=2)
REFUSALS = ("AccessDenied", "ObjectLocked", "InvalidRequest")


class Refused(StorageError):
    """The server answered, and did not do it."""


class S3Trial:
    """Requests that are signed here, so that nothing of the client stands between."""

    def __init__(
        self, client: Minio, bucket: str, http: urllib3.PoolManager, signer: Signer, base: str
    ) -> None:
        self._client, self._bucket, self._http = client, bucket, http
        self._signer, self._base = signer, base

    def put(self, key: str, data: bytes, headers: dict[str, str]) -> int:
        url = f"{self._base}/{self._bucket}/{key}"
        now = datetime.now(UTC)
        signed = self._signer.signed("PUT", url, {}, headers, now=now, seconds=60)
        with _told():
            answer = self._http.request("PUT", signed, body=data, headers=headers, retries=False)
        return answer.status

    def content(self, key: str) -> bytes:
        with _told():
            answer = self._client.get_object(self._bucket, key)
            try:
                return answer.read(1 << 20)
            finally:
                answer.close()
                answer.release_conn()

    def forget(self, key: str) -> None:
        with _told():
            self._client.remove_object(self._bucket, key)

    def survives_deletion(self, key: str) -> bool:
        return survives_deletion(self._client, self._bucket, key)


def survives_deletion(client: Minio, bucket: str, key: str, mode: str = GOVERNANCE) -> bool:
    """Whether this version of an object, locked for LOCKED_FOR, is kept when it is deleted: what a
    server says of itself proves nothing. Without versions there is no lock (S3 user guide,
    "Locking objects with Object Lock").

    Raises Refused (the server takes no locked object), StorageError.
    """
    retention = Retention(mode, datetime.now(UTC) + LOCKED_FOR)
    with _told():
        made = client.put_object(bucket, key, io.BytesIO(b"a"), 1, retention=retention)
    version = made.version_id
    kept = bool(version) and _is_kept(client, bucket, key, str(version))
    with _told():
        client.remove_object(bucket, key)  # where it is kept, a marker hides it
    return kept


def _is_kept(client: Minio, bucket: str, key: str, version: str) -> bool:
    with _told():
        try:
            client.remove_object(bucket, key, version_id=version)
        except S3Error as error:
            if error.code not in REFUSALS:
                raise
        try:
            client.stat_object(bucket, key, version_id=version)
        except S3Error:
            return False
    return True


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        raise Refused(f"the object store answered {error.code}") from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StorageError(f"the object store does not answer: {error}") from error

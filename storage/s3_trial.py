"""The bare requests of an S3 server, for `storage.probe`."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import urllib3
from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.error import MinioException, S3Error
from minio.retention import Retention

from storage.base import StorageError
from storage.sigv4 import Signer


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

    def survives_deletion(self, key: str, data: bytes, until: datetime) -> bool:
        retention = Retention(GOVERNANCE, until)
        with _told():
            made = self._client.put_object(
                self._bucket, key, io.BytesIO(data), len(data), retention=retention
            )
        try:
            self._client.remove_object(self._bucket, key, version_id=made.version_id)
        except S3Error:  # as it should be
            pass
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise StorageError(f"the object store does not answer: {error}") from error
        try:
            self._client.stat_object(self._bucket, key, version_id=made.version_id)
        except S3Error:
            return False
        return True


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        raise StorageError(f"the object store answered {error.code}") from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise StorageError(f"the object store does not answer: {error}") from error

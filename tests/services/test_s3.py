import io

import pytest
from minio import Minio
from minio.error import S3Error

from tests.services.s3 import REGION, S3

CONTENT = "lượng mưa,12\n".encode()


def test_an_object_is_kept(s3: S3, s3_bucket: str) -> None:
    s3.client().put_object(s3_bucket, "a/b.csv", io.BytesIO(CONTENT), len(CONTENT))
    answer = s3.client().get_object(s3_bucket, "a/b.csv")
    assert answer.read() == CONTENT
    answer.release_conn()


def test_a_missing_object_is_named_so(s3: S3, s3_bucket: str) -> None:
    with pytest.raises(S3Error, match="NoSuchKey"):
        s3.client().get_object(s3_bucket, "missing")


def test_signatures_are_checked(s3: S3, s3_bucket: str) -> None:
    stranger = Minio(
        s3.endpoint,
        access_key=s3.access_key,
        secret_key="not the secret",
        region=REGION,
        secure=False,
        http_client=s3.http_client(),
    )
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        stranger.put_object(s3_bucket, "stolen", io.BytesIO(CONTENT), len(CONTENT))

"""A bucket that hangs, or whose line breaks, in the middle of a copy."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from storage.backup.s3 import S3Target
from storage.base import StorageError
from storage.s3_http import http_client
from tests.services.flaky_proxy import FlakyProxy
from tests.services.s3 import S3

BLOCK = bytes(range(256)) * 4096
WHOLE = hashlib.sha256(BLOCK * 18).hexdigest()


def target_of(s3: S3, endpoint: str, bucket: str) -> S3Target:
    return S3Target(
        endpoint,
        bucket,
        "kho",
        s3.access_key,
        s3.secret_key,
        secure=False,
        http_client=http_client(0.3),
    )


def test_one_that_hangs_is_told_and_goes_on_later(s3: S3, s3_bucket: str) -> None:
    target = target_of(s3, s3.endpoint, s3_bucket)
    with ExitStack() as stack:

        def source() -> Iterator[bytes]:
            yield from [BLOCK] * 17
            stack.enter_context(s3.hanging())
            yield BLOCK

        with pytest.raises(StorageError, match="did not answer"):
            target.put("large", source, sha256=WHOLE)
        with pytest.raises(StorageError, match="did not answer"):
            target.size("large")
    assert target.put("large", lambda: iter([BLOCK] * 18), sha256=WHOLE).sha256 == WHOLE
    assert target.size("large") == 18 << 20


def test_a_line_that_breaks_is_taken_up_again(s3: S3, s3_bucket: str) -> None:
    host, port = s3.endpoint.split(":")
    proxy = FlakyProxy((host, int(port)), [1 << 20, 9 << 20, 17 << 20])
    try:
        target = S3Target(
            f"127.0.0.1:{proxy.port}", s3_bucket, "kho", s3.access_key, s3.secret_key, secure=False
        )
        assert target.put("large", lambda: iter([BLOCK] * 18), sha256=WHOLE).sha256 == WHOLE
    finally:
        proxy.close()
    assert proxy.dropped == 3


def test_what_another_wrote_over_a_copy_is_seen(s3: S3, s3_bucket: str) -> None:
    target = target_of(s3, s3.endpoint, s3_bucket)
    wanted = hashlib.sha256(b"muoi").hexdigest()
    target.put("a.txt", lambda: iter([b"muoi"]), sha256=wanted)
    s3.client().put_object(s3_bucket, "kho/a.txt", io.BytesIO(b"paid?"), 5)
    assert b"".join(target.read("a.txt")) == b"paid?"
    target.put("a.txt", lambda: iter([b"muoi"]), sha256=wanted)
    assert b"".join(target.read("a.txt")) == b"muoi"

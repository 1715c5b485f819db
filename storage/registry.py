"""Storage backends by name. To add one: a file that meets `ObjectStore`, and a line here."""

from importlib.metadata import entry_points
from pathlib import Path

from storage.base import ObjectStore, StorageError
from storage.local import LocalStore


def open_store(
    name: str,
    *,
    folder: Path,
    endpoint: str,
    bucket: str,
    access_key: str,
    secret_key: str,
    region: str,
    secure: bool,
    browser_url: str = "",
    make: bool = True,
) -> ObjectStore:
    """Open the configured backend; `make` a folder that is missing. Raises StorageError for a name
    that nothing answers to.
    """
    if name == "local":
        return LocalStore(folder, make=make)
    if name == "s3":
        from storage.s3 import S3Store  # 30 MB of client that a folder does not need

        return S3Store(
            endpoint, bucket, access_key, secret_key, region, secure, browser_url=browser_url
        )
    for found in entry_points(group="repository.storage", name=name):
        store: ObjectStore = found.load()(folder=folder, endpoint=endpoint, bucket=bucket)
        return store
    raise StorageError(f"no storage backend is called {name}; there are: local, s3")

"""Several stores as one: where an object lies is looked up, and whichever copy answers is read.

A store that fails is asked last for a while, so that one which is down costs one wait and not one
for each reader. What a look-up does not know of (bytes that came a moment ago, rows that were lost)
is looked for everywhere.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from storage.base import NotStored, ObjectStore, Part, StorageError, Stored, Trial

SECONDS_ASIDE = 30
MARK = "|"
Locate = Callable[[str], Sequence[str]]
T = TypeVar("T")


class SeveralStores:
    """`stores` by place, the one that is written to unless said otherwise first; `locate` gives
    the places of an object, the preferred one first.
    """

    def __init__(self, stores: Mapping[str, ObjectStore], locate: Locate) -> None:
        self.stores = dict(stores)
        self._default = next(iter(self.stores))
        self._locate = locate
        self._aside: dict[str, float] = {}
        self.parts = SeveralParts(self.stores)

    def _order(self, sha256: str) -> list[str]:
        known = [place for place in self._locate(sha256) if place in self.stores]
        places = known + [place for place in self.stores if place not in known]
        now = time.monotonic()
        return sorted(
            places, key=lambda place: (self._aside.get(place, 0) > now, place not in known)
        )

    def _set_aside(self, place: str) -> None:
        self._aside[place] = time.monotonic() + SECONDS_ASIDE

    def _asked(
        self, left: list[str], ask: Callable[[ObjectStore], T], sha256: str
    ) -> tuple[str, T]:
        """Who answered first, and what; those asked are taken off `left`. A store that did not
        answer may hold the object: then that is said, and not that it is nowhere.
        """
        failure: StorageError | None = None
        while left:
            place = left.pop(0)
            try:
                return place, ask(self.stores[place])
            except NotStored:
                continue
            except StorageError as error:
                self._set_aside(place)
                failure = error
        raise failure or NotStored(sha256)

    def write(
        self,
        stream: BinaryIO,
        *,
        size: int | None = None,
        sha256: str | None = None,
        max_size: int | None = None,
    ) -> Stored:
        store = self.stores[self._default]
        stored = store.write(stream, size=size, sha256=sha256, max_size=max_size)
        return replace(stored, place=self._default)

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        left = self._order(sha256)
        first = self._opened(left, sha256, start, length)
        return self._continued(first, left, sha256, start, length)

    def _opened(
        self, left: list[str], sha256: str, start: int, length: int | None
    ) -> tuple[str, Iterator[bytes]]:
        return self._asked(left, lambda store: store.read(sha256, start, length), sha256)

    def _continued(
        self,
        first: tuple[str, Iterator[bytes]],
        left: list[str],
        sha256: str,
        start: int,
        length: int | None,
    ) -> Iterator[bytes]:
        """Goes on from another copy where one breaks off in the middle."""
        sent, (place, chunks) = 0, first
        while True:
            try:
                for chunk in chunks:
                    sent += len(chunk)
                    yield chunk
            except (StorageError, OSError) as error:
                self._set_aside(place)
                if length is not None and sent >= length:
                    return
                rest = None if length is None else length - sent
                try:
                    place, chunks = self._opened(left, sha256, start + sent, rest)
                except StorageError:
                    raise error from None
            else:
                return

    def size(self, sha256: str) -> int:
        return self._asked(self._order(sha256), lambda store: store.size(sha256), sha256)[1]

    def written_at(self, sha256: str) -> datetime:
        return self._asked(self._order(sha256), lambda store: store.written_at(sha256), sha256)[1]

    def delete(self, sha256: str) -> None:
        """From every store: from those that answer also where another does not, which is raised."""
        failures: list[StorageError] = []
        for store in self.stores.values():
            try:
                store.delete(sha256)
            except StorageError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def digests(self) -> Iterator[str]:
        for store in self.stores.values():
            yield from store.digests()

    def check(self) -> None:
        """The first store has to answer; of the others it is noted whether they do."""
        for place, store in self.stores.items():
            try:
                store.check()
            except StorageError:
                if place == self._default:
                    raise
                self._set_aside(place)
            else:
                self._aside.pop(place, None)

    def address(
        self, sha256: str, *, media_type: str, disposition: str, seconds: int, now: datetime
    ) -> str | None:
        store = self.stores[self._order(sha256)[0]]
        return store.address(
            sha256, media_type=media_type, disposition=disposition, seconds=seconds, now=now
        )

    def trial(self) -> Trial | None:
        return self.stores[self._default].trial()

    def local_path(self, sha256: str) -> Path | None:
        found = self.local_copy(sha256)
        return found[1] if found is not None else None

    def local_copy(self, sha256: str) -> tuple[str, Path] | None:
        """The place and the file of the copy that would be read, if that is a file."""
        for place in self._order(sha256):
            path = self.stores[place].local_path(sha256)
            if path is None:
                with suppress(StorageError):
                    self.stores[place].size(sha256)
                    return None
            elif path.exists():
                return place, path
        return None


class SeveralParts:
    """Handles of the first store are as it makes them; those of the others name their place."""

    def __init__(self, stores: Mapping[str, ObjectStore]) -> None:
        self._stores = stores
        self._default = next(iter(stores))

    def _of(self, upload: str) -> tuple[str, ObjectStore, str]:
        place, mark, handle = upload.partition(MARK)
        if not mark:
            return self._default, self._stores[self._default], upload
        if place not in self._stores:
            raise StorageError(f"the settings name no store for {place}")
        return place, self._stores[place], handle

    def begin(self) -> str:
        return self.begin_at(self._default)

    def begin_at(self, place: str) -> str:
        handle = self._stores[place].parts.begin()
        return handle if place == self._default else f"{place}{MARK}{handle}"

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
        _place, store, handle = self._of(upload)
        store.parts.put(handle, number, stream, size=size, sha256=sha256, md5=md5)

    def held(self, upload: str) -> list[Part]:
        _place, store, handle = self._of(upload)
        return store.parts.held(handle)

    def finish(self, upload: str, count: int, *, size: int, sha256: str | None = None) -> Stored:
        place, store, handle = self._of(upload)
        stored = store.parts.finish(handle, count, size=size, sha256=sha256)
        return replace(stored, place=place)

    def discard(self, upload: str) -> None:
        _place, store, handle = self._of(upload)
        store.parts.discard(handle)

    def begun(self) -> Iterator[tuple[str, datetime]]:
        """Of the stores that answer; what the others hold is told when they do."""
        for place, store in self._stores.items():
            try:
                for handle, at in store.parts.begun():
                    yield (handle if place == self._default else f"{place}{MARK}{handle}"), at
            except StorageError:
                if place == self._default:
                    raise

    def address(
        self, upload: str, number: int, *, size: int, md5: str | None, seconds: int, now: datetime
    ) -> str | None:
        _place, store, handle = self._of(upload)
        return store.parts.address(handle, number, size=size, md5=md5, seconds=seconds, now=now)

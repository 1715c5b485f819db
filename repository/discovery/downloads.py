"""The bytes of a file over HTTP (RFC 9110): ranges, conditions, names, and nothing that runs."""

import base64
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_if_range_header, parse_range_header
from werkzeug.wsgi import FileWrapper

from repository.access.entries import DOWNLOAD, REVIEWED, note_access
from repository.access.file_rules import is_for_everyone
from repository.access.rules import Action, can
from repository.access.terms import must_accept
from repository.accounts.identity import current_actor
from repository.accounts.models import ANONYMOUS
from repository.core.copies import STORE
from repository.core.errors import Forbidden
from repository.core.messages import N_
from repository.core.zipping import Archive
from repository.records.models import File, Version
from repository.web.context import reading, runtime
from repository.web.security import harmless, untrusted
from storage.base import CHUNK_SIZE, ObjectStore, object_key
from storage.several import SeveralStores

PUBLIC_SECONDS = 60
PRIVATE = "private, no-cache"
MAX_RANGES = 16
PDF = "application/pdf"
ATTR_CHARS = "!#$&+-.^_`|~"  # RFC 8187
INLINE = frozenset(
    ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "text/plain", PDF)
)
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
Span = tuple[int, int]


def send_content(file: File, *, inline: bool = False, review: int | None = None) -> Response:
    """The answer to a request for a file's bytes, of which none is read into memory.

    The caller asked the access rule. `inline` says that it should be shown, which only those
    types are that cannot run anything; `review` is the link by which an anonymous reviewer has it.
    The SHA-256 is the ETag: an interrupted download goes on safely. Shared caches may keep what
    anyone may have, for a minute: then they ask again, for it may have been restricted. Raises
    RequestedRangeNotSatisfiable, Forbidden.
    """
    if file.quarantined:
        raise Forbidden(N_("Malware seems to be in this file; it is kept from everyone."))
    sha256 = file.sha256 or ""
    caching = PRIVATE if review is not None else _caching_of(file)
    if caching == PRIVATE:
        _note(file.version_id, file.path, review)
    unchanged = _validated(Response(), sha256, file.updated_at, caching)
    unchanged.make_conditional(request.environ)
    if unchanged.status_code != 200:
        return unchanged
    named = disposition(file.path, inline=inline and file.media_type in INLINE)
    spans = _requested_spans(file.size, sha256, file.updated_at)
    if not inline and len(spans) < 2 and (elsewhere := _elsewhere(file, sha256, named, caching)):
        return elsewhere
    response = _validated(_bytes(file, sha256, spans), sha256, file.updated_at, caching)
    if "X-Accel-Redirect" not in response.headers:  # nginx says so itself
        response.headers["Accept-Ranges"] = "bytes"
    response.headers["Repr-Digest"] = (
        f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
    )
    response.headers["Content-Disposition"] = named
    untrusted(response)
    if inline and file.media_type == PDF:
        # Browsers show no PDF in a sandbox. Their viewers keep its scripts from any origin, and
        # what is typed so is, with nosniff, given to nothing else.
        response.headers["Content-Security-Policy"] = PDF_POLICY
    return response


def send_archive(
    version: Version,
    archive: Archive,
    name: str,
    *,
    changed: datetime | None = None,
    review: int | None = None,
) -> Response:
    """The answer to a request for all files of a version as one ZIP, or for one part of it.

    `changed` is given where it holds more than the files. The caller asked the access rule.
    Raises RequestedRangeNotSatisfiable.
    """
    changed = changed or version.published_at or version.created_at
    caching = PRIVATE if review is not None else _caching_of_all(version)
    if caching == PRIVATE:
        _note(version.id, "", review)
    unchanged = _validated(Response(), archive.etag, changed, caching)
    unchanged.make_conditional(request.environ)
    if unchanged.status_code != 200:
        return unchanged
    spans = _requested_spans(archive.size, archive.etag, changed)
    start, end = spans[0] if len(spans) == 1 else (0, archive.size)
    body = archive.read(start, end - start)
    response = Response(body, mimetype="application/zip", direct_passthrough=True)
    response.content_length = end - start
    if len(spans) == 1:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{archive.size}"
    _validated(response, archive.etag, changed, caching)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = disposition(name, inline=False)
    return untrusted(response)  # type: ignore[return-value]  # the response it was given


def _note(version_id: str, path: str, review: int | None) -> None:
    """In the access log, before any byte is sent; a request for no bytes is none."""
    if request.method != "GET":
        return
    actor = current_actor()
    with runtime().work() as work:
        version = work.session.get_one(Version, version_id)
        note_access(work, actor, version, path, REVIEWED if review else DOWNLOAD, review)


def _validated(response: Response, etag: str, changed: datetime, caching: str) -> Response:
    response.set_etag(etag)
    response.last_modified = _whole_seconds(changed)
    response.headers["Cache-Control"] = caching
    return response


def _caching_of(file: File) -> str:
    work = reading()
    version = work.session.get_one(Version, file.version_id)
    anyone = is_for_everyone(version, file, work.clock.now())
    return _caching(anyone, [version.delete_files_at, file.delete_at])


def _caching_of_all(version: Version) -> str:
    """Of an archive: where files differ in who may have them, so do archives."""
    now = reading().clock.now()
    anyone = can(ANONYMOUS, Action.DOWNLOAD, version, now)
    anyone = anyone and not must_accept(ANONYMOUS, version, now)
    return _caching(anyone and not version.own_file_access, [version.delete_files_at])


def _caching(anyone: bool, ends: Iterable[date | None]) -> str:
    """How long shared caches may keep bytes: never past the day on which they are deleted."""
    if not anyone:
        return PRIVATE
    return f"public, max-age={_seconds_until(ends, PUBLIC_SECONDS)}, must-revalidate"


def _seconds_until(ends: Iterable[date | None], most: int) -> int:
    now = reading().clock.now()
    left = [(datetime.combine(day, time(), UTC) - now).total_seconds() for day in ends if day]
    return int(min([most, *left]))


def _elsewhere(file: File, sha256: str, named: str, caching: str) -> Response | None:
    """The store's own address, signed for a while, where clients can reach it: never past the day
    on which the file is deleted, and kept by nobody for as long as it is good.

    It is of another origin, so that what is shown inside our pages still comes from here. The
    store knows of one range at a time; several are read from it and put together here.
    """
    if request.method != "GET":
        return None
    parts = runtime()
    kind, version = harmless(file.media_type), reading().session.get_one(Version, file.version_id)
    ends = (version.delete_files_at, file.delete_at)
    seconds = max(1, _seconds_until(ends, parts.settings.signed_seconds))
    address = parts.store.address(
        sha256, media_type=kind, disposition=named, seconds=seconds, now=parts.clock.now()
    )
    if address is None:
        return None
    response = Response(status=302, headers={"Location": address})
    short = seconds <= 2 * PUBLIC_SECONDS
    response.headers["Cache-Control"] = PRIVATE if short else caching
    return response


def _bytes(file: File, sha256: str, spans: list[Span]) -> Response:
    parts = runtime()
    if request.method == "HEAD":
        response = Response(status=200, mimetype=file.media_type)
        response.content_length = file.size
        return response
    if parts.settings.accel_prefix and (folder := _folder_of(parts.store, sha256)) is not None:
        return _by_proxy(parts.settings.accel_prefix.rstrip("/") + folder, file, sha256)
    if not spans:
        return _whole(parts.store, file, sha256)
    if len(spans) == 1:
        return _part(parts.store, file, sha256, spans[0])
    return _parts(parts.store, file, sha256, spans)


def _folder_of(store: ObjectStore, sha256: str) -> str | None:
    """What comes behind the prefix: of several stores, further ones have folders of their names."""
    if not isinstance(store, SeveralStores):
        return None if store.local_path(sha256) is None else ""
    found = store.local_copy(sha256)
    return None if found is None else found[0].removeprefix(STORE).replace(":", "/", 1)


def _by_proxy(prefix: str, file: File, sha256: str) -> Response:
    """Nginx sends the bytes, and knows of ranges; our headers it takes from this answer, where it
    is told to (docs/how-to/behind-nginx.md).
    """
    response = Response(status=200, mimetype=file.media_type)
    response.headers["X-Accel-Redirect"] = f"{prefix}/{object_key(sha256)}"
    return response


def _whole(store: ObjectStore, file: File, sha256: str) -> Response:
    """Through the server's own file wrapper where there is one: that is `sendfile`, no copying."""
    path = store.local_path(sha256)
    if path is not None and path.exists():
        wrapper = request.environ.get("wsgi.file_wrapper", FileWrapper)
        body = wrapper(path.open("rb"), CHUNK_SIZE)
    else:
        body = store.read(sha256)
    response = Response(body, mimetype=file.media_type, direct_passthrough=True)
    response.content_length = file.size
    return response


def _part(store: ObjectStore, file: File, sha256: str, span: Span) -> Response:
    start, end = span
    body = store.read(sha256, start, end - start)
    response = Response(body, status=206, mimetype=file.media_type, direct_passthrough=True)
    response.content_length = end - start
    response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    return response


def _parts(store: ObjectStore, file: File, sha256: str, spans: list[Span]) -> Response:
    """`multipart/byteranges` (RFC 9110, section 14.6)."""
    boundary = secrets.token_hex(16)
    heads = [
        f"\r\n--{boundary}\r\nContent-Type: {file.media_type}\r\n"
        f"Content-Range: bytes {start}-{end - 1}/{file.size}\r\n\r\n".encode()
        for start, end in spans
    ]
    tail = f"\r\n--{boundary}--\r\n".encode()

    def body() -> Iterator[bytes]:
        for head, (start, end) in zip(heads, spans, strict=True):
            yield head
            yield from store.read(sha256, start, end - start)
        yield tail

    response = Response(body(), status=206, direct_passthrough=True)
    response.content_type = f"multipart/byteranges; boundary={boundary}"
    response.content_length = (
        sum(map(len, heads)) + sum(end - start for start, end in spans) + len(tail)
    )
    return response


def _requested_spans(size: int, etag: str, changed: datetime) -> list[Span]:
    """Half-open spans to send; none means the whole file.

    A header that is not understood, asks for more spans than anyone needs, or for more bytes
    than there are, is ignored, as section 14.2 allows. Raises RequestedRangeNotSatisfiable.
    """
    asked = parse_range_header(request.headers.get("Range"))
    if request.method != "GET" or asked is None or asked.units != "bytes":
        return []
    if len(asked.ranges) > MAX_RANGES or not _still_the_same(etag, changed):
        return []
    spans = [_resolve(start, end, size) for start, end in asked.ranges]
    satisfiable = [(start, end) for start, end in spans if start < end]
    if not satisfiable:
        raise RequestedRangeNotSatisfiable(size)
    return satisfiable if sum(end - start for start, end in satisfiable) <= size else []


def _resolve(start: int, end: int | None, size: int) -> Span:
    if start < 0:
        return max(size + start, 0), size
    return start, size if end is None else min(end, size)


def _still_the_same(etag: str, changed: datetime) -> bool:
    """`If-Range`: a part is only of use to who has the rest of the same bytes."""
    wanted = parse_if_range_header(request.headers.get("If-Range"))
    if wanted.etag is not None:
        return wanted.etag == etag
    return wanted.date is None or wanted.date == _whole_seconds(changed)


def _whole_seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def disposition(path: str, *, inline: bool) -> str:
    """Content-Disposition (RFC 6266) with the file's name in any script, and an ASCII stand-in."""
    name = path.rsplit("/", 1)[-1]
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(c for c in plain if 0x20 <= ord(c) < 0x7F and c not in '"\\%;')
    value = f'{"inline" if inline else "attachment"}; filename="{plain or "file"}"'
    if plain == name:
        return value
    return f"{value}; filename*=UTF-8''{quote(name, safe=ATTR_CHARS)}"

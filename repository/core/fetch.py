"""Fetching from addresses outside, so that nobody can make us fetch from inside.

A name is resolved once, every address it has must be public, and the connection goes to that very
address: a name that answers differently the second time (DNS rebinding) gains nothing. `fetch`
refuses redirects; `core.downloading` follows some, each asked the same. Proxies of the environment
are not used: behind one, the check would mean nothing.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Retry, Timeout
from urllib3.exceptions import HTTPError

from repository.core.errors import Unavailable
from repository.core.messages import N_

CHUNK = 64 << 10
PORTS = {"https": 443, "http": 80}


class FetchRefused(Unavailable):
    """Nothing was fetched, for the reason its message gives."""

    code = "fetch-refused"


class Unsuitable(FetchRefused):
    """Something answers at the address, with a redirect or more than is taken."""


class FetchFailed(FetchRefused):
    """The same, and trying again would not help."""


@dataclass(frozen=True)
class Limits:
    """Seconds for the whole of it, and bytes of the body. `private` allows addresses inside, for
    operators that run a mirror of their own, and `inside` names hosts for which alone they are;
    only then plain http is allowed.
    """

    seconds: float = 8.0
    size: int = 2 << 20
    private: bool = False
    inside: Collection[str] = ()

    def may_be_private(self, host: str) -> bool:
        return self.private or host in self.inside


@dataclass(frozen=True)
class Answer:
    status: int
    media_type: str
    body: bytes
    retry_after: str = ""  # RFC 9110, section 10.2.3, as it was sent


def fetch(
    url: str,
    *,
    accept: str,
    user_agent: str,
    limits: Limits,
    headers: Mapping[str, str] | None = None,
    sent: Mapping[str, str] | None = None,
) -> Answer:
    """GET `url`, or POST `sent` there as a form, whatever its status. Raises FetchRefused."""
    deadline = time.monotonic() + limits.seconds
    said = {"Accept": accept, "User-Agent": user_agent, **(headers or {})}
    body_sent = None if sent is None else urlencode(sent)
    if sent is not None:
        said["Content-Type"] = "application/x-www-form-urlencoded"
    with requested(url, said, limits, body_sent) as (answer, host):
        body = bytearray()
        try:
            while chunk := answer.read1(CHUNK):
                body += chunk
                if len(body) > limits.size:
                    raise Unsuitable(N_("The answer from %(host)s is too large."), host=host)
                if time.monotonic() > deadline:
                    raise FetchRefused(N_("%(host)s answers too slowly."), host=host)
        except (HTTPError, OSError) as error:
            raise FetchRefused(N_("%(host)s does not answer."), host=host) from error
    if 300 <= answer.status < 400:
        raise Unsuitable(N_("%(host)s answers with a redirect."), host=host)
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    retry_after = answer.headers.get("Retry-After", "")
    return Answer(answer.status, media_type, bytes(body), retry_after)


@contextmanager
def requested(
    url: str, headers: Mapping[str, str], limits: Limits, body: str | None = None
) -> Iterator[tuple[BaseHTTPResponse, str]]:
    """The answer to a GET, or a POST of `body`, not yet read; and the host. Raises FetchRefused."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    private = limits.may_be_private(host)
    if parts.scheme not in (("https", "http") if private else ("https",)) or not host:
        raise FetchFailed(N_("Only https addresses are fetched."))
    if parts.username or parts.password:
        raise FetchFailed(N_("An address with a password in it is not fetched."))
    port = parts.port or PORTS[parts.scheme]
    address = _resolve(host, port, private=private)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    named = f"{host}:{port}" if parts.port else host
    sent = {"Host": named, "Accept-Encoding": "identity", **headers}
    with _pool(parts.scheme, address, port, host, limits.seconds) as pool:
        try:
            answer = pool.urlopen(
                "GET" if body is None else "POST",
                target,
                body=body,
                headers=sent,
                redirect=False,
                preload_content=False,
            )
        except (HTTPError, OSError) as error:
            raise FetchRefused(N_("%(host)s does not answer."), host=host) from error
        try:
            yield answer, host
        finally:
            answer.close()


def _resolve(host: str, port: int, *, private: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchRefused(N_("%(host)s is not known."), host=host) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not private and not all(map(is_public, addresses)):
        raise FetchFailed(N_("%(host)s is not an address on the public internet."), host=host)
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether anyone on the internet could reach it: not private, loopback, link-local, multicast,
    reserved (NAT64 with them), nor any of those in an IPv6 wrapping (mapped, 6to4, Teredo).
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if any(inner is not None and not is_public(str(inner)) for inner in wrapped):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _pool(scheme: str, address: str, port: int, host: str, seconds: float) -> HTTPConnectionPool:
    """Connections to `address` alone; the certificate is `host`'s."""
    timeout, retries = (
        Timeout(connect=seconds, read=seconds),
        Retry(0, redirect=0, raise_on_redirect=False),
    )
    if scheme == "http":
        return HTTPConnectionPool(address, port, timeout=timeout, retries=retries)
    return HTTPSConnectionPool(
        address,
        port,
        timeout=timeout,
        retries=retries,
        server_hostname=host,
        assert_hostname=host,
        ssl_context=ssl.create_default_context(),
    )

"""OpenID Connect, as the party that relies on a provider (OpenID Connect Core 1.0, section 3.1).

The authorization code flow with PKCE (RFC 7636), state and nonce. An ID token counts only when it
is signed with a public key that the provider publishes, by it, for us, for this sign-in and now.
Nothing here knows of accounts.
"""

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any
from urllib.parse import quote

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from repository.core.errors import Unavailable, ValidationFailed
from repository.core.fetch import Answer, FetchRefused, Limits, fetch
from repository.core.messages import N_
from repository.core.settings import ProviderSettings

USER_AGENT = "research-data-repository"
MOST_BYTES = 256 * 1024
KEPT_SECONDS = 3600.0
AGAIN_SECONDS = 60.0  # before keys are asked for once more, whoever sends unknown ones
LEEWAY = 60
ALGORITHMS = [  # with a public key alone: never none, never one that both sides know
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
]
KEY_TYPES = ("RSA", "EC", "OKP")
MAX_VALUES, MAX_VALUE = 50, 255


class ProviderDown(Unavailable):
    """A provider does not answer, or not as it should."""

    code = "identity-provider-down"


class NotSignedIn(ValidationFailed):
    """What came back is no sign-in."""

    code = "not-signed-in"


DOWN = N_(
    "The identity provider does not answer as it should just now. Try again later, or sign in with "
    "your password."
)
REFUSED = N_("Signing in did not work: what the identity provider sent is not valid. Try again.")


@dataclass(frozen=True)
class Begun:
    """What to remember of a sign-in that was begun, until the browser comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Told:
    """What a provider says of a person. `email` is as it stands there, verified there or not."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str
    claims: dict[str, list[str]]


@dataclass
class _Known:
    """A provider's documents as they were fetched, at a moment of the monotonic clock."""

    metadata: dict[str, Any]
    keys: KeySet | None
    at: float
    keys_at: float = 0.0


_known: dict[str, _Known] = {}
_lock = Lock()


def begin(provider: ProviderSettings, redirect_uri: str) -> Begun:
    """Where to send the browser. Raises ProviderDown."""
    metadata = _provider(provider).metadata
    state, nonce, verifier = generate_token(32), generate_token(32), generate_token(64)
    url = prepare_grant_uri(
        metadata["authorization_endpoint"],
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=provider.scopes,
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return Begun(url, state, nonce, verifier)


def finish(
    provider: ProviderSettings,
    begun: Begun,
    redirect_uri: str,
    code: str,
    now: datetime,
) -> Told:
    """Who signed in. The caller compared the state. Raises ProviderDown, NotSignedIn."""
    metadata = _provider(provider).metadata
    answer = _exchange(provider, metadata, begun, redirect_uri, code)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise NotSignedIn(REFUSED)
    told = dict(_verified(provider, token, begun.nonce, answer.get("access_token"), now))
    if "email" not in told and metadata.get("userinfo_endpoint") and answer.get("access_token"):
        more = _user_info(provider, metadata["userinfo_endpoint"], str(answer["access_token"]))
        if more.get("sub") != told["sub"]:  # OpenID Connect Core, section 5.3.2
            raise NotSignedIn(REFUSED)
        told = more | told
    return _told(provider, told)


def _told(provider: ProviderSettings, told: Mapping[str, Any]) -> Told:
    subject = told["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_VALUE:
        raise NotSignedIn(REFUSED)
    return Told(
        issuer=provider.issuer,
        subject=subject,
        email=str(told.get("email") or "")[:254],
        email_verified=told.get("email_verified") is True,
        name=str(told.get("name") or told.get("preferred_username") or "")[:200],
        claims={name: found for name in provider.claims if (found := _values(told.get(name)))},
    )


def _values(claim: Any) -> list[str]:
    each = claim if isinstance(claim, list) else [claim]
    texts = [text.strip() for text in each[:MAX_VALUES] if isinstance(text, str)]
    return [text for text in texts if 0 < len(text) <= MAX_VALUE]


def _exchange(
    provider: ProviderSettings,
    metadata: Mapping[str, Any],
    begun: Begun,
    redirect_uri: str,
    code: str,
) -> dict[str, Any]:
    """The code for tokens (RFC 6749, section 4.1.3)."""
    try:
        secret = provider.secret
    except OSError as error:
        raise ProviderDown(DOWN) from error
    headers, sent = (
        {},
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": begun.verifier,
            "client_id": provider.client_id,
        },
    )
    ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if secret and "client_secret_basic" not in ways and "client_secret_post" in ways:
        sent["client_secret"] = secret
    elif secret:
        pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    answer = _ask(provider, metadata["token_endpoint"], headers=headers, sent=sent)
    if answer.status in (400, 401, 403):
        raise NotSignedIn(REFUSED)
    return _json(answer)


def _user_info(provider: ProviderSettings, url: str, token: str) -> dict[str, Any]:
    return _json(_ask(provider, url, headers={"Authorization": f"Bearer {token}"}))


def _verified(
    provider: ProviderSettings, token: str, nonce: str, access_token: Any, now: datetime
) -> Mapping[str, Any]:
    """The claims of an ID token (OpenID Connect Core, section 3.1.3.7)."""
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "nonce": {"essential": True, "value": nonce},
    }
    known = {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
    try:
        signed = _decoded(provider, token)
        claims = CodeIDToken(signed.claims, signed.header, options, known)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotSignedIn(REFUSED) from error
    return dict(claims)


def _decoded(provider: ProviderSettings, token: str) -> jwt.Token:
    """With the keys at hand; with newer ones where it names a key that is not among them."""
    decode = partial(jwt.decode, token, algorithms=ALGORITHMS)
    try:
        return decode(_keys(provider))
    except InvalidKeyIdError:
        return decode(_keys(provider, afresh=True))


def _provider(provider: ProviderSettings) -> _Known:
    """Its discovery document (OpenID Connect Discovery 1.0, section 4), fetched once an hour."""
    with _lock:
        known = _known.get(provider.issuer)
    if known is not None and time.monotonic() - known.at < KEPT_SECONDS:
        return known
    url = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    metadata = OpenIDProviderMetadata(_json(_ask(provider, url)))
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    schemes = ("https://", "http://") if provider.allow_private else ("https://",)
    right = all(str(metadata.get(name) or "").startswith(schemes) for name in needed)
    if metadata.get("issuer") != provider.issuer or not right:
        raise ProviderDown(DOWN)
    known = _Known(dict(metadata), None, time.monotonic())
    with _lock:
        _known[provider.issuer] = known
    return known


def _keys(provider: ProviderSettings, *, afresh: bool = False) -> KeySet:
    known = _provider(provider)
    old = time.monotonic() - known.keys_at
    if known.keys is None or (afresh and old > AGAIN_SECONDS):
        body = _json(_ask(provider, known.metadata["jwks_uri"]))
        try:
            public = [each for each in body["keys"] if each.get("kty") in KEY_TYPES]
            known.keys = KeySet.import_key_set({"keys": public})
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ProviderDown(DOWN) from error
        known.keys_at = time.monotonic()
    return known.keys


def forget() -> None:
    """As if no provider had been asked yet."""
    with _lock:
        _known.clear()


def _ask(provider: ProviderSettings, url: str, **more: Any) -> Answer:
    limits = Limits(provider.timeout, MOST_BYTES, private=provider.allow_private)
    try:
        return fetch(url, accept="application/json", user_agent=USER_AGENT, limits=limits, **more)
    except FetchRefused as error:
        raise ProviderDown(DOWN) from error


def _json(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError as error:
        raise ProviderDown(DOWN) from error
    if answer.status != 200 or not isinstance(found, dict):
        raise ProviderDown(DOWN)
    return found

"""An identity provider to sign in by: a real OpenID provider over HTTP (oidc-provider-mock).

In front of it stands a proxy of the tests' own that checks PKCE, which that server leaves out, and
that can lie: it signs ID tokens anew with a key of its own, which it publishes as the provider's.
"""

import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

import pytest
from authlib.common.encoding import urlsafe_b64decode, urlsafe_b64encode
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import Client, TestResponse, run_wsgi_app
from werkzeug.wrappers import Request, Response

from tests.webapp import serving

Change = Callable[[dict[str, Any]], object]
KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})


@dataclass
class Provider:
    """`claims` changes those of the ID tokens that it gives, `header` says how they are signed."""

    app: Any
    url: str = ""
    claims: Change = dict
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "1"})
    key: Any = field(default_factory=lambda: KEY)
    down: bool = False
    asked: list[str] = field(default_factory=list)
    challenges: dict[str, str] = field(default_factory=dict)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        if self.down:
            return Response("down", 503)(environ, start_response)
        if request.path == "/jwks":
            keys = {"keys": [KEY.as_dict(private=False), {"kty": "unheard of"}]}
            return Response(json.dumps(keys))(environ, start_response)
        body = request.get_data()
        environ["wsgi.input"] = BytesIO(body)
        answered, status, headers = run_wsgi_app(self.app, environ)
        response = Response(answered, status, headers)
        if request.path == "/oauth2/authorize" and "code=" in response.headers.get("Location", ""):
            code = parse_qs(response.headers["Location"].partition("?")[2])["code"][0]
            self.challenges[code] = request.args["code_challenge"]
        if request.path == "/oauth2/token":
            response = self._lied(response, parse_qs(body.decode()))
        return response(environ, start_response)

    def _lied(self, response: Response, sent: dict[str, list[str]]) -> Response:
        proof = urlsafe_b64encode(sha256(sent["code_verifier"][0].encode()).digest()).decode()
        if self.challenges.pop(sent["code"][0], None) != proof:
            return Response('{"error": "invalid_grant"}', 400)
        told = json.loads(response.get_data())
        true = told["id_token"].split(".")[1]
        claims = json.loads(urlsafe_b64decode(true.encode()))
        self.claims(claims)
        told["id_token"] = self._signed(claims)
        return Response(json.dumps(told))

    def _signed(self, claims: dict[str, Any]) -> str:
        """With HS256 by a forger who hopes that the provider's public key is taken for a secret."""
        if self.header["alg"] == "RS256":
            return jwt.encode(self.header, claims, self.key)
        parts = (json.dumps(each).encode() for each in (self.header, claims))
        told = ".".join(urlsafe_b64encode(each).decode() for each in parts)
        forged = hmac.digest(KEY.as_pem(private=False), told.encode(), "sha256")
        proof = urlsafe_b64encode(forged).decode() if self.header["alg"] == "HS256" else ""
        return f"{told}.{proof}"

    def person(self, subject: str, **claims: object) -> None:
        """Have somebody there of whom it tells these claims."""
        answer = _of(self.app).put(f"/users/{subject}", json=claims)
        assert answer.status_code == 204

    def settings(self, **more: object) -> dict[str, object]:
        return {
            "issuer": self.url,
            "client_id": "repository",
            "client_secret": "a secret of the tests' client",
            "title": "Đại học Ví Dụ",
            "title_en": "Example University",
            "allow_private": True,
            **more,
        }

    def sign_in(
        self, client: FlaskClient, subject: str, page: str = "/account/with/example?lang=en"
    ) -> TestResponse:
        """What a browser does: leave for the provider, say who one is there, come back."""
        return client.get(self.return_address(client, subject, page))

    def return_address(
        self, client: FlaskClient, subject: str, page: str = "/account/with/example?lang=en"
    ) -> str:
        left = client.get(page)
        assert left.status_code == 302, left.text
        address = left.headers["Location"]
        assert address.startswith(f"{self.url}/oauth2/authorize?"), address
        answer = _of(self).post(
            address.removeprefix(self.url), data={"sub": subject}, base_url=self.url
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"].removeprefix("http://repository.test")


def _of(app: Any) -> Client:
    return Client(app)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    from oidc_provider_mock import app

    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    provider = Provider(app())
    with serving(provider) as url:
        provider.url = url
        yield provider

"""DataCite, through the REST client of the `datacite` package.

Rules of the API are from its documentation (support.datacite.org/reference) and its own code
(github.com/datacite/lupo, app/controllers/datacite_dois_controller.rb). Where and why the package
is extended: docs/adr/0021-datacite-client.md.
"""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import requests
from datacite import DataCiteRESTClient
from datacite.request import DataCiteRequest
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from repository import __version__
from repository.pid.models import PidState
from repository.pid.providers.base import (
    Account,
    Blocked,
    Held,
    Refused,
    RegistryError,
    Target,
    Throttled,
    Uncertain,
)

JSON_API = {
    "content-type": "application/vnd.api+json",
    "accept": "application/vnd.api+json",
    "accept-encoding": "identity",
}
MAX_ANSWER_BYTES = 8 << 20
DEFAULT_PAUSE_SECONDS = 60.0
# Without these, affiliations and publisher come back as plain strings.
WHOLE = {"affiliation": "true", "publisher": "true"}
STATES = {
    "draft": PidState.RESERVED,
    "registered": PidState.REGISTERED,
    "findable": PidState.FINDABLE,
}


class DataCiteProvider:
    """Registers by PUT of a DOI that we chose: doing so again changes nothing and adds nothing."""

    remote = True

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = _Client(account)

    def put(self, target: Target) -> str:
        """An event that the DOI's state does not allow is passed over in silence (lupo's state
        machine has `whiny_transitions: false`), so the state in the answer is looked at: `hide`
        leaves a DOI that was never registered a draft, and `register` is sent after it.
        """
        findable = target.state is PidState.FINDABLE
        attributes = target.attributes | {
            "doi": self._client.check_doi(target.doi),
            "url": target.url,
            "event": "publish" if findable else "hide",
        }
        state = self._client.put_doi(target.doi, _resource(target.doi, attributes))["state"]
        if not findable and state == "draft":
            registering = _resource(target.doi, {"event": "register"})
            state = self._client.put_doi(target.doi, registering)["state"]
        if state != ("findable" if findable else "registered"):
            raise Refused(f"the registry took the DOI but keeps it in the state {state}")
        return f"{state} at {self._account.url}"

    def get(self, doi: str) -> Held | None:
        try:
            attributes = self._client.get_metadata(quote(doi))
        except _Missing:
            return None
        state = STATES.get(str(attributes.get("state")), PidState.RESERVED)
        return Held(state, attributes.get("url") or "", attributes)

    def check(self) -> None:
        """Asks whether the account holds the prefix; wrong credentials are told first."""
        account = self._account
        for value, name in (
            (account.prefix, "PREFIX"),
            (account.username, "USERNAME"),
            (account.password, "PASSWORD"),
        ):
            if not value:
                raise Blocked(f"REPOSITORY_DATACITE_{name} is not set.")
        found = self._client.ask(
            "repository-prefixes",
            {"repository-id": account.username.lower(), "prefix-id": account.prefix},
        )
        if not found.get("data"):
            raise Blocked(
                f"The registry does not let {account.username} register under the prefix "
                f"{account.prefix}: set REPOSITORY_DATACITE_PREFIX to one of its own."
            )


def _resource(doi: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "dois", "id": doi, "attributes": attributes}


class _Missing(Refused):
    """404: there is no such DOI, or it is another account's draft."""


class _Client(DataCiteRESTClient):  # type: ignore[misc]  # the package has no types
    """The package's client over bounded requests, and with PUT as the API answers it."""

    def __init__(self, account: Account) -> None:
        super().__init__(
            account.username,
            account.password,
            account.prefix,
            url=account.url,
            timeout=account.timeout,
        )
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"research-data-repository/{__version__}"

    def _create_request(self) -> "_Request":
        return _Request(
            self._session,
            base_url=self.api_url,
            username=self.username,
            password=self.password,
            default_params=WHOLE,
            timeout=self.timeout,
        )

    def put_doi(self, doi: str, data: dict[str, Any]) -> dict[str, Any]:
        """The attributes that the registry now holds. The package knows 200 only; a PUT that
        made the DOI is answered with 201.
        """
        body = json.dumps({"data": data})
        answer = self._create_request().put(f"dois/{quote(doi)}", body=body, headers=JSON_API)
        return _attributes(answer)

    def ask(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        answer = self._create_request().get(path, params=dict(params), headers=JSON_API)
        return _json(answer)


class _Request(DataCiteRequest):  # type: ignore[misc]  # the package has no types
    """One request with a deadline and a size limit, whose failure keeps status and Retry-After."""

    def __init__(self, session: requests.Session, **values: Any) -> None:
        super().__init__(**values)
        self._session = session

    def request(
        self,
        url: str,
        method: str = "GET",
        body: str | None = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """The answer when it is a 2xx. Raises RegistryError otherwise."""
        deadline = time.monotonic() + self.timeout
        try:
            with self._session.request(
                method,
                self.base_url + url,
                data=body.encode() if body else None,
                params={**self.default_params, **(params or {})},
                headers=headers,
                auth=HTTPBasicAuth(self.username.encode(), self.password),
                timeout=(min(self.timeout, 10.0), self.timeout),
                allow_redirects=False,
                stream=True,
            ) as answer:
                answer._content = _read(answer, deadline)  # noqa: SLF001 - read within bounds
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _of_network(self.base_url, error) from error
        if not 200 <= answer.status_code < 300:
            raise _of_status(answer)
        return answer


def _read(answer: requests.Response, deadline: float) -> bytes:
    """The body. `read1` returns what has come, so that a trickle does not outlast the deadline."""
    body = bytearray()
    while chunk := answer.raw.read1(decode_content=True):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise Uncertain("the registry's answer is too long")
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("the answer came too slowly")
    return bytes(body)


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Uncertain(
            f"the registry answered {answer.status_code} with something that is no JSON"
        )
    return found


def _attributes(answer: requests.Response) -> dict[str, Any]:
    try:
        attributes: dict[str, Any] = _json(answer)["data"]["attributes"]
        attributes["state"]
    except (KeyError, TypeError) as error:
        raise Uncertain("the registry's answer has no state in it") from error
    return attributes


def _of_network(address: str, error: Exception) -> RegistryError:
    reason = error.args[0] if error.args else error
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    never_arrived = isinstance(
        error, requests.ConnectTimeout | requests.exceptions.SSLError
    ) or isinstance(reason, NewConnectionError)
    if never_arrived:
        return Blocked(f"The registry at {address} cannot be reached ({type(reason).__name__}).")
    return Uncertain(f"no whole answer from the registry ({type(error).__name__})")


def _of_status(answer: requests.Response) -> RegistryError:
    """What an error answer means (lupo, app/controllers/application_controller.rb)."""
    status, said = answer.status_code, _errors(answer)
    pause = _retry_after(answer)
    if status == 429 or (status == 503 and pause is not None):
        return Throttled(
            f"The registry asks us to wait ({status}).",
            DEFAULT_PAUSE_SECONDS if pause is None else pause,
        )
    if status >= 500:
        return Uncertain(f"the registry failed ({status} {said})")
    if status == 401:
        return Blocked(
            "The registry refuses the credentials: "
            "check REPOSITORY_DATACITE_USERNAME and REPOSITORY_DATACITE_PASSWORD."
        )
    if status == 403:
        message = f"the registry does not let this account register that DOI ({said})"
        return Refused(message, blames_account=True)
    if status == 404:
        return _Missing(f"the registry knows of no such DOI ({said})")
    if status < 400:
        return Blocked(
            f"The registry answers with a redirect ({status}): check REPOSITORY_DATACITE_URL."
        )
    return Refused(f"{status} {said}")


def _errors(answer: requests.Response) -> str:
    """What a JSON:API error body says, for people; a body of another kind, its beginning."""
    try:
        errors = answer.json()["errors"]
        items = errors if isinstance(errors, list) else [errors]
        said = [
            f"{e.get('source') or ''} {e.get('title') or e.get('detail')}".strip() for e in items
        ]
        return "; ".join(said)[:1000]
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.text[:200].strip()


def _retry_after(answer: requests.Response) -> float | None:
    """Seconds, from either form of the header (RFC 9110, section 10.2.3)."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)

"""Run roc-validator without a network: `context cache crate…`. Prints each issue of each crate.

Apart from the tests' process, because the validator changes how rdflib loads every context.
"""

import sys
from pathlib import Path

import requests
from requests.structures import CaseInsensitiveDict
from requests_cache import CachedSession
from requests_cache.models.request import CachedRequest
from requests_cache.models.response import CachedResponse
from rocrate_validator import models, services

CONTEXT = "https://w3id.org/ro/crate/1.2/context"


def main(context: str, cache: str, *crates: str) -> None:
    """The context goes into the validator's own cache, as if it had been fetched before."""
    with CachedSession(cache, backend="sqlite", expire_after=-1) as session:
        request = session.prepare_request(requests.Request("GET", CONTEXT))
        session.cache.responses[session.cache.create_key(request)] = CachedResponse(
            url=CONTEXT,
            status_code=200,
            content=Path(context).read_bytes(),
            headers=CaseInsensitiveDict({"Content-Type": "application/ld+json"}),
            request=CachedRequest.from_request(request),
        )
    for crate in crates:
        found = services.validate(
            models.ValidationSettings(
                rocrate_uri=crate,
                profile_identifier="ro-crate-1.2",
                requirement_severity=models.Severity.REQUIRED,
                offline=True,
                cache_path=cache,
            )
        )
        for issue in found.get_issues():
            print(crate, issue.check.identifier, issue.message)  # noqa: T201 for the test to read


if __name__ == "__main__":
    main(*sys.argv[1:])

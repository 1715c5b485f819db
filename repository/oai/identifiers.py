"""OAI identifiers: `oai:<domain>:<version id>` (the oai-identifier guidelines, version 2.0)."""

import re
from urllib.parse import urlsplit

from repository.core.settings import Settings

SCHEME, DELIMITER = "oai", ":"
NO_DOMAIN = "repository.localhost"
_DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*)+")


def identifier_domain(settings: Settings) -> str:
    """The domain in all identifiers: configured, else the public address's host.

    A host that is no domain name (an IP address, `localhost`) would not fit the guidelines'
    schema. An item keeps the identifier it was first given, whatever is configured later.
    """
    host = settings.oai_identifier_domain or urlsplit(settings.base_url).hostname or ""
    return host if _DOMAIN.fullmatch(host) else NO_DOMAIN


def oai_identifier(settings: Settings, version_id: str) -> str:
    return DELIMITER.join((SCHEME, identifier_domain(settings), version_id))

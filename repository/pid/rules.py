"""What a DOI looks like, what state it should have, how long to wait: pure functions."""

import re
from datetime import timedelta

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.pid.models import PidState

MAX_BACKOFF = timedelta(hours=6)
# ISO 26324 allows more; this is what Crossref found to match all but a handful of real DOIs,
# without the characters that would end a URL or a Markdown link.
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"<>\\^`{|}\x00-\x1f]+")
_LEADING = re.compile(r"^(?:doi:\s*|https?://(?:dx\.)?doi\.org/)", re.IGNORECASE)


def normalise_doi(text: str, pointer: str = "/doi") -> str:
    """A DOI as it is stored: without resolver, in lower case (DOIs ignore case, ISO 26324).

    Raises ValidationFailed for what is no DOI or longer than 255 characters.
    """
    doi = _LEADING.sub("", text.strip()).lower()
    if len(doi) > 255 or not _DOI.fullmatch(doi):
        message = N_("This is no DOI; one looks like 10.1234/abc.")
        raise ValidationFailed(errors=[FieldError(pointer, message)])
    return doi


def prefix_of(doi: str) -> str:
    return doi.partition("/")[0]


def wanted_state(*, public: bool, withdrawn: bool, held: PidState) -> PidState:
    """What a registry should hold for something that was published.

    `public` says whether the world may see its metadata. What was never announced stays reserved
    while it is hidden: a DOI that leads nowhere helps nobody. What was announced cannot be taken
    back (DataCite never deletes a registered DOI), so it becomes registered, which hides it.
    """
    if withdrawn and (public or held is not PidState.RESERVED):
        return PidState.WITHDRAWN
    if public:
        return PidState.FINDABLE
    return PidState.RESERVED if held is PidState.RESERVED else PidState.REGISTERED


def backoff(attempts: int, first_step: float) -> timedelta:
    """How long to wait after failing `attempts` (≥ 1) times; `first_step` in seconds, doubling."""
    return min(timedelta(seconds=first_step * 2 ** min(attempts - 1, 20)), MAX_BACKOFF)

"""What a new draft starts with, so that less has to be typed."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from repository.accounts.models import User


def first_metadata(user: User, now: datetime, timezone: str) -> dict[str, Any]:
    """A dataset, of today where the site is, made by whoever deposits it."""
    return {
        "resource_type": {"id": "dataset"},
        "publication_date": now.astimezone(ZoneInfo(timezone)).date().isoformat(),
        "creators": [_creator(user)],
    }


def _creator(user: User) -> dict[str, Any]:
    creator: dict[str, Any] = {"person_or_org": {"type": "personal", **_name(user)}}
    if user.orcid:
        orcid = {"scheme": "orcid", "identifier": user.orcid}
        creator["person_or_org"]["identifiers"] = [orcid]
    if user.affiliation:
        creator["affiliations"] = [{"name": user.affiliation}]
    return creator


def _name(user: User) -> dict[str, str]:
    """The parts of a name: the family name comes first in Vietnamese, last in English."""
    words = user.name.split()
    if len(words) < 2:
        return {"family_name": user.name}
    family_first = user.locale != "en"
    family, given = (words[0], words[1:]) if family_first else (words[-1], words[:-1])
    return {"family_name": family, "given_name": " ".join(given)}

"""ARKs: names for versions and their files that cost nothing and need no registry.

An ARK is `ark:/NAAN/name`; a file's is its version's with the path after it. Hyphens have no
meaning in an ARK and may come and go (ARK Identifier Scheme, draft-kunze-ark, section 2.7), so
that names are the public ids without theirs. Nothing is stored: the name says what it names.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

from repository.access.documents import document_for, downloadable_file, find_named
from repository.access.files import landing_url
from repository.accounts.models import Actor
from repository.core.errors import NotFound
from repository.core.settings import Settings
from repository.core.work import Work
from repository.records.models import Version

_NAME = re.compile(r"[0-9a-z]{10}")
# ANVL (draft-kunze-anvl): one element a line; a value's own line breaks would begin another.
_BREAKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Named:
    """What an ARK names: a version, or a file of it when `path` is not empty."""

    version: Version
    path: str


def ark_of(settings: Settings, public_id: str, path: str = "") -> str:
    """The ARK of a record, a version or a file of one."""
    name = public_id.replace("-", "")
    return f"ark:/{settings.ark_naan}/{name}" + (f"/{quote(path)}" if path else "")


def resolve(work: Work, actor: Actor, naan: str, name: str) -> Named:
    """What an ARK leads `actor` to. Raises NotFound: unknown, another's, or not theirs to see."""
    head, _, path = name.partition("/")
    plain = head.replace("-", "").lower()
    if naan != work.settings.ark_naan or not _NAME.fullmatch(plain):
        raise NotFound
    public_id = f"{plain[:5]}-{plain[5:]}"
    version = find_named(work, actor, public_id)
    if path:
        downloadable_file(work, actor, version.id, path)
    return Named(version, path)


def about(work: Work, actor: Actor, named: Named) -> str:
    """The brief description that `?info` asks for: an ERC record, who, what, when, where.

    Raises NotFound for what `actor` may not see.
    """
    document = document_for(work, actor, named.version)
    if document is None:
        raise NotFound
    metadata = document.metadata
    elements = {
        "who": "; ".join(creator.person_or_org.name for creator in metadata.creators),
        "what": metadata.title() + (f" ({named.path})" if named.path else ""),
        "when": metadata.publication_date,
        "where": landing_url(work, named.version.id),
        "persistent": ark_of(work.settings, named.version.id, named.path),
    }
    lines = [f"{name}: {_BREAKS.sub(' ', value)}" for name, value in elements.items()]
    return "\n".join(["erc:", *lines]) + "\n"

"""What a set is, and names fit for one."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from repository.core.work import Work
from repository.records.document import Document


@dataclass(frozen=True, order=True)
class SetEntry:
    """A set by its `spec` (colons make a hierarchy), with a name and description for people."""

    spec: str
    name: str
    description: str = ""


SetProvider = Callable[[Work, Document], Iterable[SetEntry]]


def slug(text: str) -> str:
    """Letters and digits of `text` without their marks, in lower case: fit for a setSpec.

    Text with none of the Latin alphabet gets a digest, so that it still has a name of its own.
    """
    folded = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    words = re.findall(r"[a-z0-9]+", plain)
    return "-".join(words)[:100].strip("-") or sha256(text.encode()).hexdigest()[:16]

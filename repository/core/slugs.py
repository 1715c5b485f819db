"""Names of Latin letters and digits, for addresses and codes, out of names for people."""

import re
import unicodedata
from hashlib import sha256


def slug(text: str, limit: int = 100) -> str:
    """Letters and digits of `text` without their marks, in lower case, joined by hyphens.

    Text with none of the Latin alphabet gets a digest, so that it still has a name of its own.
    """
    folded = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    words = re.findall(r"[a-z0-9]+", plain)
    return "-".join(words)[:limit].strip("-") or sha256(text.encode()).hexdigest()[:16]

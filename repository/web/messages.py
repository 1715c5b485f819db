"""Message ids in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext


def translate(message: str, params: Mapping[str, Any]) -> str:
    """The translation of an English msgid, its `%(name)s` places filled."""
    return str(gettext(message, **params))

"""Message ids for people, written where translation is not at hand."""


def N_(text: str) -> str:  # noqa: N802 - the name that extraction tools look for
    """Mark an English msgid for the catalogue; the edge (`web`, templates) translates it."""
    return text

"""What to call a draft whose metadata may be unfinished or wrong."""

from typing import Any


def title_of(metadata: dict[str, Any], language: str) -> str:
    """The title in `language`, else the first one; empty where nothing was typed."""
    titles = metadata.get("titles")
    found = [t for t in titles if isinstance(t, dict)] if isinstance(titles, list) else []
    named = [t for t in found if isinstance(t.get("title"), str)]
    mine = [t for t in named if t.get("lang") == language]
    return str((mine or named)[0]["title"]) if named else ""

"""Cells of spreadsheets that people open: no cell that we write starts a formula there.

OWASP, CSV Injection: a cell that begins with one of these is run by spreadsheet programs.
"""

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_MARK = "'"


def guarded(text: str) -> str:
    """With an apostrophe before what would be a formula; `unguarded` takes it off again."""
    return f"{_MARK}{text}" if text.startswith((*_STARTS, _MARK)) else text


def unguarded(text: str) -> str:
    return text[1:] if text.startswith(_MARK) else text

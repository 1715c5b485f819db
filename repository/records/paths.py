"""Paths of files inside a version."""

import unicodedata

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_

MAX_PATH_LENGTH = 1024
MAX_NAME_BYTES = 255


def normalise_path(path: str, pointer: str = "/key") -> str:
    """A relative path with `/` between folders, in Unicode NFC, that every file system can hold.

    macOS sends names in NFD; without NFC one Vietnamese name would be two files.
    Raises ValidationFailed naming what is wrong.
    """
    path = unicodedata.normalize("NFC", path)
    problem = _problem(path)
    if problem:
        raise ValidationFailed(errors=[FieldError(pointer, problem)])
    return path


def _problem(path: str) -> str | None:
    parts = path.split("/")
    if not path or len(path) > MAX_PATH_LENGTH:
        return N_("A file's path has 1 to 1024 characters.")
    if "\\" in path or any(unicodedata.category(c) in ("Cc", "Cs") for c in path):
        return N_("A file's path may not hold backslashes or control characters.")
    if any(part in ("", ".", "..") for part in parts):
        return N_("A file's path is relative, without empty parts, '.' or '..'.")
    if any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
        return N_("A file's or folder's name is at most 255 bytes long.")
    return None

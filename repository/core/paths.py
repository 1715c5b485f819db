"""Where templates and migrations lie: beside the package in a checkout, inside it in a wheel.

And the name of the file that is in a data folder for as long as a restore into it is not whole.
"""

from pathlib import Path

UNFINISHED = "restore.unfinished"
_PACKAGE = Path(__file__).resolve().parent.parent


def _data(name: str) -> Path:
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name


def templates_dir() -> Path:
    return _data("templates")


def migrations_dir() -> Path:
    return _data("migrations")

"""Finding the parts that capabilities offer: each folder's `models`, `jobs`, `cli`."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import repository


def import_each(part: str) -> Iterator[ModuleType]:
    """Import `repository.<capability>.<part>` wherever there is one, by capability's name."""
    for found in pkgutil.iter_modules(repository.__path__):
        name = f"repository.{found.name}.{part}"
        if found.ispkg and importlib.util.find_spec(name) is not None:
            yield importlib.import_module(name)

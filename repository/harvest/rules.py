"""What follows from two sides having changed the same description."""

from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, Any]


def merged(here: Fields, said: Fields, says: Fields) -> dict[str, Any]:
    """The metadata to publish, of what they are `here` and what the source `said` last and `says`.

    A field that was edited here stays as it is here; every other follows the source. Whoever makes
    it as the source has it lets it follow again.
    """
    fields = {**here, **says}
    chosen = ((n, here.get(n) if here.get(n) != said.get(n) else says.get(n)) for n in fields)
    return {name: value for name, value in chosen if value is not None}

"""The formats that harvesters are offered, by prefix."""

from repository.formats import registry
from repository.formats.base import Format, Oai


def harvestable() -> dict[str, tuple[Oai, Format]]:
    """Each with how OAI-PMH is to announce it; the first of a prefix wins."""
    found: dict[str, tuple[Oai, Format]] = {}
    for served in registry.harvestable():
        if served.oai is not None:
            found.setdefault(served.oai.prefix, (served.oai, served))
    return found

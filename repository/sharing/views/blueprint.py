"""The blueprint of what is shared."""

from apiflask import APIBlueprint

blueprint = APIBlueprint("sharing", __name__, enable_openapi=False)

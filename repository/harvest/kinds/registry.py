"""The ways of harvesting there are. To add one: a file with a class that meets `Kind`, and a line
here.
"""

from collections.abc import Mapping

from repository.harvest.kinds.base import Kind
from repository.harvest.kinds.oai_pmh import OaiPmh

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (OaiPmh(),)}

"""Descriptive metadata: DataCite 4.7 in the names of the InvenioRDM API."""

from repository.records.metadata.checks import Stage
from repository.records.metadata.inveniordm import accept, settled, shape
from repository.records.metadata.model import Metadata
from repository.records.metadata.problems import Problem, parse, problems

__all__ = ["Metadata", "Problem", "Stage", "accept", "parse", "problems", "settled", "shape"]

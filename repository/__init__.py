"""A research data repository: deposit, identifiers, access, search, OAI-PMH."""

import gc

__version__ = "0.1.0"
# Imports make some hundred thousand objects and no garbage: at Python's own threshold of 700, a
# sixth of the time in which a command or a server starts goes into looking for some.
gc.set_threshold(10_000, 10, 10)

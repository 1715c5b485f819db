"""A research data repository: deposit, identifiers, access, search, OAI-PMH."""

__version__ = "0.1.0"

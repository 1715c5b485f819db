"""Persistent identifiers: reserved, registered, kept in step with what they identify, audited."""

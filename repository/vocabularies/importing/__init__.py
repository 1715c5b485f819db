"""Readers of vocabularies: CSV, SKOS, the ROR data dump."""

"""Metadata formats: pure functions of a Document, one file each."""

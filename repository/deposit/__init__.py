"""Depositing: drafts, uploads, publication, new versions."""

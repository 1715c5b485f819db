"""Controlled lists in the database: versions, labels in two languages, hierarchy, importers."""

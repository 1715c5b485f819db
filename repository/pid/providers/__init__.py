"""Registries of DOIs. To add one: a file meeting `base.Provider`, and a line in `registry`."""

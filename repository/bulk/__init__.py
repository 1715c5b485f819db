"""Bulk work: many records edited at once, seen before it happens, undone in one step."""

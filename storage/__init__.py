"""Bytes and nothing else: content-addressed objects that are written once and never change."""

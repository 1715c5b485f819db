"""Copies kept elsewhere: targets, the layout of objects in them, manifests, retention."""

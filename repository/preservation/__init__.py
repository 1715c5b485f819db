"""Keeping bytes for decades: fixity, backup, restore, and proof that each works."""

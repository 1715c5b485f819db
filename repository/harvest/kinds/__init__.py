"""Ways to ask a source, one file each."""

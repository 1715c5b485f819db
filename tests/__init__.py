"""Tests; the folders mirror `repository/` and `storage/`."""

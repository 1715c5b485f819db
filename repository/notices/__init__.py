"""The reader's notices, on a page: above access, because a notice names a record."""

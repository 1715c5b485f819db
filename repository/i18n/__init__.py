"""The reader's language: which one, its catalogue, its dates and numbers."""

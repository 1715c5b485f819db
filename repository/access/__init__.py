"""Who may see or do what. Every surface asks here, and only here."""

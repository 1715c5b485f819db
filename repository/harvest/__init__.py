"""Taking in what other repositories publish: their descriptions, again and again."""

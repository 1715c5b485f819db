"""Demo records and the people who own them."""

"""Who is asking: users, sign-in, personal API tokens."""

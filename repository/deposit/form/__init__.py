"""The deposit form: which fields it has, and the two ways between what is typed and JSON."""

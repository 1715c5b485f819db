"""What runs in the short-lived process that alone ever opens somebody's table.

It imports nothing of the repository but this folder: no settings, no secrets, no database.
"""

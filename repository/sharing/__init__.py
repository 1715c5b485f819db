"""What people without an account are let in to: links that were shared, and asking for access."""

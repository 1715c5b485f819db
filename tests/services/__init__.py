"""Real services for the tests: each starts on first use, on loopback, and ends with the session."""

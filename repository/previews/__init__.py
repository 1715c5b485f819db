"""Looking inside a file without downloading it. Nothing of a file runs on our origin."""

"""Finding, judging and fetching what was published: search, landing pages, downloads, feeds."""

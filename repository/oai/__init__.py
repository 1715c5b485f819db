"""OAI-PMH 2.0 at `/oai2d`: everything that is public, and then only what changed."""

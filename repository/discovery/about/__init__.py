"""What the site says of itself: to people, to registries of repositories, to crawlers."""

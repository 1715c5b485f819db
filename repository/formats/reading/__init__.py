"""Reading formats that say less than we keep: what they say fills a draft, the rest is named."""

"""All public metadata as files, made anew each night, so that nobody has to crawl."""

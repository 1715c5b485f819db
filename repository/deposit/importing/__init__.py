"""Taking in what exists already: data packages, DataCite metadata."""

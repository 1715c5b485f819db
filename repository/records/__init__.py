"""The record, its versions, files and metadata, and their life cycle."""

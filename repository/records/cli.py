"""Commands for what is kept of records."""

from repository.records.quota_cli import quota

commands = (quota,)

"""Commands for what is kept of records."""

from repository.records.quota_cli import quota
from repository.records.store_cli import store

commands = (quota, store)

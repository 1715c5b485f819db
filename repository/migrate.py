"""Bringing the database to the schema of this release.

Alembic is imported where it is used: the processes of a server never migrate.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from repository.core.db import WRITE_OPTION, Database
from repository.core.paths import migrations_dir

if TYPE_CHECKING:
    from alembic.config import Config


class OtherRelease(Exception):
    """The database is of a newer release than this code."""


def upgrade(database: Database) -> None:
    """Run the migrations that are missing, in one transaction; safe when two nodes start at once.

    Raises OtherRelease.
    """
    from alembic import command
    from alembic.util import CommandError

    with database.engine.execution_options(**{WRITE_OPTION: True}).begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(7274671)"))
        try:
            command.upgrade(_config(connection), "head")
        except CommandError as error:
            raise OtherRelease(str(error)) from error


def is_current(database: Database) -> bool:
    """Whether the database has every migration of this release, and no other."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
        return set(found) == set(ScriptDirectory.from_config(_config(connection)).get_heads())


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    config.attributes["connection"] = connection
    return config

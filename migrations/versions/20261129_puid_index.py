"""An index that SQLite takes for files whose format is asked for: it does not see that `committed`
and `committed = 1` are the same, and read all files of a version instead.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_puid_index"
down_revision = "20261129_backup_locks"
branch_labels = None
depends_on = None

NAME = "ix_files_without_puid"


def upgrade() -> None:
    op.drop_index(NAME, "files")
    where = sa.text("puid IS NULL")
    op.create_index(NAME, "files", ["version_id"], sqlite_where=where, postgresql_where=where)

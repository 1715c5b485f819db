"""When the lock of what a backup holds of a version was last renewed."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import UTCDateTime

revision = "20261129_backup_locks"
down_revision = "20261129_harvest"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("backup_objects", sa.Column("renewed_at", UTCDateTime(), nullable=True))

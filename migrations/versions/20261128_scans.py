"""What a malware scanner found in contents."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import UTCDateTime

revision = "20261128_scans"
down_revision = "20261128_quotas"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contents") as contents:
        contents.add_column(sa.Column("scanned_at", UTCDateTime(), nullable=True))
        contents.add_column(
            sa.Column("malware", sa.String(length=200), nullable=False, server_default="")
        )
        contents.create_index(op.f("ix_contents_scanned_at"), ["scanned_at"])
    with op.batch_alter_table("files") as files:
        files.add_column(
            sa.Column("quarantined", sa.Boolean(), nullable=False, server_default=sa.false())
        )

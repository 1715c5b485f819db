"""Access, retention and licence of single files; retention of a version's files."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261123_file_access"
down_revision = "20261123_uploads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("files") as files:
        files.add_column(
            sa.Column("access", sa.String(10), nullable=False, server_default="default")
        )
        files.add_column(sa.Column("embargo_until", sa.Date(), nullable=True))
        files.add_column(sa.Column("delete_at", sa.Date(), nullable=True))
        files.add_column(sa.Column("delete_reason", sa.Text(), nullable=False, server_default=""))
        files.add_column(sa.Column("license", sa.String(100), nullable=False, server_default=""))
        files.add_column(sa.Column("proposed", JSONType, nullable=True))
        files.add_column(sa.Column("deleted_at", UTCDateTime(), nullable=True))
        files.create_index(op.f("ix_files_embargo_until"), ["embargo_until"])
        files.create_index(op.f("ix_files_delete_at"), ["delete_at"])
    with op.batch_alter_table("versions") as versions:
        versions.add_column(
            sa.Column("own_file_access", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        versions.add_column(sa.Column("delete_files_at", sa.Date(), nullable=True))
        versions.add_column(
            sa.Column("delete_files_reason", sa.Text(), nullable=False, server_default="")
        )
        versions.create_index(op.f("ix_versions_delete_files_at"), ["delete_files_at"])

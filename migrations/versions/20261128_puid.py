"""The format of each file in the PRONOM registry."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_puid"
down_revision = "20261128_site_country"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("files", sa.Column("puid", sa.String(length=20), nullable=True))
    where = sa.text("puid IS NULL AND committed")
    op.create_index(
        "ix_files_without_puid",
        "files",
        ["version_id"],
        sqlite_where=where,
        postgresql_where=where,
    )

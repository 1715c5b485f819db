"""Several sites of backups, the media seen at each, and which site a run was for."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import UTCDateTime

revision = "20261128_backup_sites"
down_revision = "20261128_second_factor"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup_sites",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("access_key", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_backup_sites")),
    )
    op.create_table(
        "backup_places",
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_backup_places")),
    )
    op.create_index(op.f("ix_backup_places_site"), "backup_places", ["site"])
    with op.batch_alter_table("backup_runs") as table:
        table.add_column(
            sa.Column("site", sa.String(length=40), nullable=False, server_default="default")
        )
    with op.batch_alter_table("backup_runs") as table:
        table.alter_column("site", server_default=None)


def downgrade() -> None:
    op.drop_column("backup_runs", "site")
    op.drop_table("backup_places")
    op.drop_table("backup_sites")

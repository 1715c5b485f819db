"""Profiles of tables, by content."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261123_tables"
down_revision = "20261123_following"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "table_profiles",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("refusal", sa.String(length=30), nullable=False),
        sa.Column("variables", JSONType, nullable=False),
        sa.Column("statistics", JSONType, nullable=False),
        sa.Column("details", JSONType, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["contents.sha256"],
            name=op.f("fk_table_profiles_sha256_contents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_table_profiles")),
    )

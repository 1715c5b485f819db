"""Several stores: placement rules, and copies that have been moved and go."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import UTCDateTime

revision = "20261128_stores"
down_revision = "20261128_terms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "placement_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=True),
        sa.Column("min_bytes", sa.BigInteger(), nullable=True),
        sa.Column("max_bytes", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.id"],
            name=op.f("fk_placement_rules_collection_id_collections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_rules")),
    )
    op.add_column("content_copies", sa.Column("drop_at", UTCDateTime(), nullable=True))
    op.create_index("ix_content_copies_drop_at", "content_copies", ["drop_at"])

"""Bulk edits and their items."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261128_bulk"
down_revision = "20261128_vocabularies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_edits",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("selection", JSONType, nullable=False),
        sa.Column("actions", JSONType, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counts", JSONType, nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        *(
            sa.Column(name, UTCDateTime(), nullable=True)
            for name in ("started_at", "finished_at", "undone_at")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_bulk_edits_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_edits")),
    )
    op.create_index(op.f("ix_bulk_edits_user_id"), "bulk_edits", ["user_id"])
    op.create_index(op.f("ix_bulk_edits_created_at"), "bulk_edits", ["created_at"])
    op.create_table(
        "bulk_items",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("bulk_id", sa.String(length=16), nullable=False),
        sa.Column("given", sa.String(length=300), nullable=False),
        sa.Column("version_id", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("new_revision", sa.Integer(), nullable=False),
        *(sa.Column(name, JSONType, nullable=False) for name in ("row", "said", "placed")),
        sa.ForeignKeyConstraint(
            ["bulk_id"],
            ["bulk_edits.id"],
            name=op.f("fk_bulk_items_bulk_id_bulk_edits"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_items")),
    )
    op.create_index("ix_bulk_items_state", "bulk_items", ["bulk_id", "state", "id"])
    op.create_index(op.f("ix_bulk_items_version_id"), "bulk_items", ["version_id"])

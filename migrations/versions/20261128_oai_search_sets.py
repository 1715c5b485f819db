"""Searches that are offered to harvesters as sets."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import UTCDateTime

revision = "20261128_oai_search_sets"
down_revision = "20261128_scans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oai_search_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spec", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("arguments", sa.String(length=2000), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["users.id"], name=op.f("fk_oai_search_sets_made_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_search_sets")),
        sa.UniqueConstraint("spec", name=op.f("uq_oai_search_sets_spec")),
    )
    op.create_table(
        "oai_search_members",
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"],
            ["oai_search_sets.id"],
            name=op.f("fk_oai_search_members_set_id_oai_search_sets"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_oai_search_members_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("set_id", "version_id", name=op.f("pk_oai_search_members")),
    )
    op.create_index(op.f("ix_oai_search_members_version_id"), "oai_search_members", ["version_id"])

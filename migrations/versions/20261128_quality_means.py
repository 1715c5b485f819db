"""Means of quality by day, what kind of bytes contents are, and pairs of likely doubles."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import UTCDateTime

revision = "20261128_quality_means"
down_revision = "20261128_oai_search_sets"
branch_labels = None
depends_on = None
SCORES = ("score", "correct", "sufficient", "clean", "alive", "unified", "shared", "fair")


def upgrade() -> None:
    op.create_table(
        "quality_means",
        sa.Column("scope", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in SCORES),
        sa.PrimaryKeyConstraint("scope", "day", name=op.f("pk_quality_means")),
    )
    op.create_table(
        "content_signs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sign", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["contents.sha256"],
            name=op.f("fk_content_signs_sha256_contents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content_signs")),
    )
    op.create_table(
        "likely_doubles",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(length=16), nullable=False) for name in ("one_id", "other_id")),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("dismissed_by", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name],
                ["records.id"],
                name=op.f(f"fk_likely_doubles_{name}_records"),
                ondelete="CASCADE",
            )
            for name in ("one_id", "other_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likely_doubles")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_likely_doubles_one_id_other_id")),
    )

"""Scores of quality, what is to be mended, and their history."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261123_quality"
down_revision = "20261123_usage"
branch_labels = None
depends_on = None
SCORES = ("score", "correct", "sufficient", "clean", "alive", "unified", "shared", "fair")


def _of_version(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["version_id"],
        ["versions.id"],
        name=op.f(f"fk_{table}_version_id_versions"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "quality_scores",
        sa.Column("version_id", sa.String(length=16), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in SCORES),
        sa.Column("fair_letters", JSONType, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _of_version("quality_scores"),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_quality_scores")),
    )
    op.create_index("ix_quality_scores_score", "quality_scores", ["score", "version_id"])
    op.create_index(op.f("ix_quality_scores_at"), "quality_scores", ["at"])
    op.create_table(
        "quality_findings",
        sa.Column("version_id", sa.String(length=16), nullable=False),
        sa.Column("check", sa.String(length=40), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        _of_version("quality_findings"),
        sa.PrimaryKeyConstraint("version_id", "check", name=op.f("pk_quality_findings")),
    )
    op.create_index(op.f("ix_quality_findings_check"), "quality_findings", ["check"])
    op.create_table(
        "quality_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(length=16), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("fair", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _of_version("quality_history"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_history")),
    )
    op.create_index(op.f("ix_quality_history_version_id"), "quality_history", ["version_id"])

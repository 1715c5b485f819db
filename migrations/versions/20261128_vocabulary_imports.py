"""Files of vocabularies that were sent, and what became of them."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261128_vocabulary_imports"
down_revision = "20261128_many_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vocabulary_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vocabulary_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("told", JSONType, nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("found", JSONType, nullable=False),
        sa.Column("failure", JSONType, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["contents.sha256"], name=op.f("fk_vocabulary_imports_sha256_contents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary_imports")),
    )
    op.create_index(
        op.f("ix_vocabulary_imports_vocabulary_id"), "vocabulary_imports", ["vocabulary_id"]
    )

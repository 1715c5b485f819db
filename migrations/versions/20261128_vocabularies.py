"""Vocabularies, their terms and versions."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261128_vocabularies"
down_revision = "20261123_quality"
branch_labels = None
depends_on = None


def _of_vocabulary(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["vocabulary_id"],
        ["vocabularies.id"],
        name=op.f(f"fk_{table}_vocabulary_id_vocabularies"),
        ondelete="CASCADE",
    )


def _texts(**lengths: int) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=n), nullable=False) for name, n in lengths.items()]


def upgrade() -> None:
    op.create_table(
        "vocabularies",
        *_texts(id=40, kind=20, title_vi=500, title_en=500, scheme=200, scheme_uri=500),
        sa.Column("source", sa.Text(), nullable=False),
        *_texts(version=100, digest=64),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("terms", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabularies")),
    )
    op.create_index(op.f("ix_vocabularies_kind"), "vocabularies", ["kind"])
    op.create_index(op.f("ix_vocabularies_scheme"), "vocabularies", ["scheme"])
    op.create_table(
        "vocabulary_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        *_texts(vocabulary_id=40, version=100),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("added", "changed", "retired")
        ),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        _of_vocabulary("vocabulary_versions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary_versions")),
    )
    op.create_index(
        op.f("ix_vocabulary_versions_vocabulary_id"), "vocabulary_versions", ["vocabulary_id"]
    )
    op.create_table(
        "vocabulary_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        *_texts(vocabulary_id=40, code=200, uri=500, parent=200),
        *_texts(label_vi=500, label_en=500, folded=500, replaced_by=200, since=100, until=100),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("props", JSONType, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        _of_vocabulary("vocabulary_terms"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary_terms")),
        sa.UniqueConstraint(
            "vocabulary_id", "code", name=op.f("uq_vocabulary_terms_vocabulary_id")
        ),
    )
    op.create_index(
        "ix_vocabulary_terms_folded", "vocabulary_terms", ["vocabulary_id", "retired", "folded"]
    )
    op.create_index("ix_vocabulary_terms_label_en", "vocabulary_terms", ["label_en"])
    op.create_index(op.f("ix_vocabulary_terms_uri"), "vocabulary_terms", ["uri"])

"""Terms to accept, classes of data, grounds of personal data."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261128_terms"
down_revision = "20261128_link_checks"
branch_labels = None
depends_on = None


def _text(name: str, length: int | None = None, default: str = "") -> sa.Column[str]:
    kind = sa.String(length) if length else sa.Text()
    return sa.Column(name, kind, nullable=False, server_default=default)


def upgrade() -> None:
    op.drop_index("ix_versions_access", "versions")
    with op.batch_alter_table("versions") as versions:
        versions.add_column(sa.Column("terms", JSONType, nullable=False, server_default="{}"))
        versions.add_column(_text("terms_sha256", 64))
        versions.add_column(_text("data_class", 10, "ordinary"))
        versions.add_column(_text("personal_data_ground", 40))
    op.create_index(
        "ix_versions_access",
        "versions",
        ["id", "state", "record_access", "embargo_until", "data_class"],
    )
    with op.batch_alter_table("collections") as collections:
        collections.add_column(_text("terms_vi"))
        collections.add_column(_text("terms_en"))
    op.create_table(
        "terms_texts",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("texts", JSONType, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_terms_texts")),
    )
    op.create_table(
        "terms_acceptances",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.String(length=16), nullable=False),
        sa.Column("terms_sha256", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["records.id"],
            name=op.f("fk_terms_acceptances_record_id_records"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["terms_sha256"],
            ["terms_texts.sha256"],
            name=op.f("fk_terms_acceptances_terms_sha256_terms_texts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_acceptances")),
        sa.UniqueConstraint(
            "record_id", "terms_sha256", "holder", name=op.f("uq_terms_acceptances_record_id")
        ),
    )
    op.create_index(op.f("ix_terms_acceptances_holder"), "terms_acceptances", ["holder"])

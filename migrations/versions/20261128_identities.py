"""Identities at providers that people sign in by; grants to a provider's people."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261128_identities"
down_revision = "20261128_placement_class"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("claims", JSONType, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_identities_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identities_issuer")),
    )
    op.create_index(op.f("ix_identities_user_id"), "identities", ["user_id"])
    with op.batch_alter_table("grants") as grants:
        grants.add_column(sa.Column("issuer", sa.String(length=255), nullable=True))
        for name, length in (("claim", 100), ("claim_value", 255)):
            grants.add_column(
                sa.Column(name, sa.String(length=length), nullable=False, server_default="")
            )
        grants.create_unique_constraint(
            op.f("uq_grants_issuer"), ["issuer", "claim", "claim_value", "record_id"]
        )

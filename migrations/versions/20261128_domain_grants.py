"""Verified e-mail addresses; grants to everyone with an address at a domain."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import UTCDateTime

revision = "20261128_domain_grants"
down_revision = "20261128_review_reminders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("verified_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("grants") as grants:
        grants.alter_column("user_id", existing_type=sa.Integer(), nullable=True)
        grants.add_column(sa.Column("domain", sa.String(length=253), nullable=True))
        grants.add_column(
            sa.Column("subdomains", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        grants.create_unique_constraint(op.f("uq_grants_domain"), ["domain", "record_id"])

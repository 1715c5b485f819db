"""Whether addresses that metadata lead to answer."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import UTCDateTime

revision = "20261128_link_checks"
down_revision = "20261128_domain_grants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_checks",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_link_checks")),
    )
    op.create_index(op.f("ix_link_checks_at"), "link_checks", ["at"])

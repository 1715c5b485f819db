"""Placement rules for classes of data."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_placement_class"
down_revision = "20261128_intakes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.String(length=10)
    column = sa.Column("data_class", kind, nullable=False, server_default="")
    op.add_column("placement_rules", column)

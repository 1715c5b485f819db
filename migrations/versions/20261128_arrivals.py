"""Which records in collections the curators were not told of yet."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_arrivals"
down_revision = "20261128_contact_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "collection_records",
        sa.Column("unseen", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_index(op.f("ix_collection_records_unseen"), "collection_records", ["unseen"])

"""Which due day of a review people were reminded of."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_review_reminders"
down_revision = "20261128_vocabulary_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reviews", sa.Column("reminded_for", sa.Date(), nullable=True))

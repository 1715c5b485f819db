"""Where a backup site stands: core data must not leave the country."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_site_country"
down_revision = "20261128_identities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "backup_sites", sa.Column("country", sa.String(2), nullable=False, server_default="")
    )

"""The CRC-32 of contents, for archives whose every byte is known in advance."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_content_crc32"
down_revision = "20261123_mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contents", sa.Column("crc32", sa.BigInteger(), nullable=True))

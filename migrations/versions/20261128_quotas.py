"""Quotas; what files take of them; the counters of drafts."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_quotas"
down_revision = "20261128_bulk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quotas",
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("max_bytes", sa.BigInteger(), nullable=True),
        sa.Column("max_files", sa.BigInteger(), nullable=True),
        sa.Column("used_bytes", sa.BigInteger(), nullable=False),
        sa.Column("used_files", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_quotas")),
    )
    with op.batch_alter_table("files") as files:
        files.add_column(
            sa.Column("carried", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        files.add_column(sa.Column("reserved", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE files SET reserved = (SELECT max(u.size) FROM uploads u WHERE"
        " u.version_id = files.version_id AND u.path = files.path"
        " AND u.state IN ('open', 'finalising'))"
        " WHERE EXISTS (SELECT 1 FROM uploads u WHERE u.version_id = files.version_id"
        " AND u.path = files.path AND u.state IN ('open', 'finalising'))"
    )
    op.execute(
        "UPDATE files SET carried = true WHERE EXISTS (SELECT 1 FROM versions v, versions earlier,"
        " files f WHERE v.id = files.version_id AND earlier.record_id = v.record_id"
        " AND earlier.number < v.number AND f.version_id = earlier.id"
        " AND f.path = files.path AND f.sha256 = files.sha256)"
    )
    op.execute(
        "UPDATE versions SET"
        " file_count = (SELECT count(*) FROM files f WHERE f.version_id = versions.id),"
        " file_bytes = (SELECT coalesce(sum(f.size), 0) FROM files f"
        " WHERE f.version_id = versions.id) WHERE state = 'draft'"
    )

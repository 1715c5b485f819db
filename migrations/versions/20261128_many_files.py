"""Sums of large folders and of their fixity; indexes of the few rows that they are about."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import UTCDateTime

revision = "20261128_many_files"
down_revision = "20261128_access_requests"
branch_labels = None
depends_on = None

FEW = (
    ("ix_contents_without_crc", "contents", "sha256", "crc32 IS NULL"),
    ("ix_files_embargo_until", "files", "embargo_until", "embargo_until IS NOT NULL"),
    ("ix_files_delete_at", "files", "delete_at", "delete_at IS NOT NULL"),
)


def upgrade() -> None:
    op.create_table(
        "folder_sums",
        sa.Column("version_id", sa.String(length=16), nullable=False),
        sa.Column("path", sa.String(length=1024), nullable=False),
        sa.Column("parent", sa.String(length=1024), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _of_version("folder_sums"),
        sa.PrimaryKeyConstraint("version_id", "path", name=op.f("pk_folder_sums")),
    )
    op.create_index("ix_folder_sums_parent", "folder_sums", ["version_id", "parent", "path"])
    op.create_table(
        "fixity_sums",
        sa.Column("version_id", sa.String(length=16), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("unchecked", sa.Integer(), nullable=False),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("counted_at", UTCDateTime(), nullable=True),
        _of_version("fixity_sums"),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_fixity_sums")),
    )
    op.create_index(op.f("ix_fixity_sums_counted_at"), "fixity_sums", ["counted_at"])
    for name in ("ix_files_embargo_until", "ix_files_delete_at"):
        op.drop_index(op.f(name), table_name="files")
    for name, table, column, condition in FEW:
        where = sa.text(condition)
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def _of_version(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["version_id"],
        ["versions.id"],
        name=op.f(f"fk_{table}_version_id_versions"),
        ondelete="CASCADE",
    )

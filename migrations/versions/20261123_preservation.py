"""Copies of content and their checks, backup policies, runs of backups and drills."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261123_preservation"
down_revision = "20261123_api"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_copies",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["contents.sha256"],
            name=op.f("fk_content_copies_sha256_contents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sha256", "place", name=op.f("pk_content_copies")),
    )
    op.create_index("ix_content_copies_checked_at", "content_copies", ["checked_at", "sha256"])
    op.create_index(op.f("ix_content_copies_outcome"), "content_copies", ["outcome"])

    op.create_table(
        "backup_objects",
        sa.Column("version_id", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_backup_objects_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "place", name=op.f("pk_backup_objects")),
    )
    op.create_table(
        "preservation_events",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("event_type", sa.String(length=30), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preservation_events")),
    )
    for column in ("at", "sha256"):
        op.create_index(op.f(f"ix_preservation_events_{column}"), "preservation_events", [column])

    op.create_table(
        "backup_policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("terms", JSONType, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_policies")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_backup_policies_name")),
    )

    op.create_table(
        "backup_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("backup_id", sa.String(length=40), nullable=False),
        sa.Column("figures", JSONType, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_runs")),
    )
    for column in ("kind", "started_at"):
        op.create_index(op.f(f"ix_backup_runs_{column}"), "backup_runs", [column])

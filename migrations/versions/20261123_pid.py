"""Identifiers, the shared rate of calls to registries, accounts of institutions."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261123_pid"
down_revision = "20261123_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identifiers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.String(length=16), nullable=True),
        sa.Column("prefix", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("wanted", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", UTCDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("in_flight_until", UTCDateTime(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("differences", JSONType, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["records.id"],
            name=op.f("fk_identifiers_record_id_records"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
            name=op.f("fk_identifiers_version_id_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifiers")),
        sa.UniqueConstraint("value", name=op.f("uq_identifiers_value")),
    )
    with op.batch_alter_table("identifiers", schema=None) as batch_op:
        batch_op.create_index("ix_identifiers_prefix_due_at", ["prefix", "due_at"], unique=False)
        for column in ("record_id", "version_id", "state", "checked_at"):
            batch_op.create_index(batch_op.f(f"ix_identifiers_{column}"), [column], unique=False)

    op.create_table(
        "registry_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registry", sa.String(length=200), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_calls")),
    )
    with op.batch_alter_table("registry_calls", schema=None) as batch_op:
        batch_op.create_index("ix_registry_calls_registry_at", ["registry", "at"], unique=False)

    op.create_table(
        "registry_pauses",
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_registry_pauses")),
    )
    op.create_table(
        "institution_accounts",
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("institution", sa.String(length=300), nullable=False),
        sa.Column("username", sa.String(length=100), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_institution_accounts")),
    )
    op.create_table(
        "institution_depositors",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["prefix"],
            ["institution_accounts.prefix"],
            name=op.f("fk_institution_depositors_prefix_institution_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_institution_depositors_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_institution_depositors")),
    )
    with op.batch_alter_table("institution_depositors", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_institution_depositors_prefix"), ["prefix"], unique=False
        )

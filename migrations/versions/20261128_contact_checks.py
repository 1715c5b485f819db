"""Whether those behind published data still answer."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import UTCDateTime

revision = "20261128_contact_checks"
down_revision = "20261128_puid"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_checks",
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("waiting_since", UTCDateTime(), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["records.id"],
            name=op.f("fk_contact_checks_record_id_records"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_contact_checks_user_id_users")
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_contact_checks")),
    )
    op.create_index(op.f("ix_contact_checks_user_id"), "contact_checks", ["user_id"])

"""What OAI-PMH serves, kept ready."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType, UTCDateTime

revision = "20261123_oai"
down_revision = "20261123_pid"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index(
        "ix_versions_access", "versions", ["id", "state", "record_access", "embargo_until"]
    )
    op.create_table(
        "oai_items",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("version_id", sa.String(length=16), nullable=False),
        sa.Column("oai_id", sa.String(length=255), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("datestamp", UTCDateTime(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("basis", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["versions.id"], name=op.f("fk_oai_items_version_id_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_items")),
        sa.UniqueConstraint("version_id", name=op.f("uq_oai_items_version_id")),
        sa.UniqueConstraint("oai_id", name=op.f("uq_oai_items_oai_id")),
        sa.UniqueConstraint("seq", name=op.f("uq_oai_items_seq")),
    )
    op.create_index("ix_oai_items_datestamp_seq", "oai_items", ["datestamp", "seq"])
    op.create_table(
        "oai_fragments",
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["oai_items.id"], name=op.f("fk_oai_fragments_item_id_oai_items")
        ),
        sa.PrimaryKeyConstraint("prefix", "item_id", name=op.f("pk_oai_fragments")),
    )
    op.create_index(op.f("ix_oai_fragments_item_id"), "oai_fragments", ["item_id"])
    op.create_table(
        "oai_failures",
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["oai_items.id"], name=op.f("fk_oai_failures_item_id_oai_items")
        ),
        sa.PrimaryKeyConstraint("prefix", "item_id", name=op.f("pk_oai_failures")),
    )
    op.create_index(op.f("ix_oai_failures_item_id"), "oai_failures", ["item_id"])
    op.create_table(
        "oai_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spec", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_sets")),
        sa.UniqueConstraint("spec", name=op.f("uq_oai_sets_spec")),
    )
    op.create_table(
        "oai_memberships",
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"], ["oai_sets.id"], name=op.f("fk_oai_memberships_set_id_oai_sets")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["oai_items.id"], name=op.f("fk_oai_memberships_item_id_oai_items")
        ),
        sa.PrimaryKeyConstraint("set_id", "seq", name=op.f("pk_oai_memberships")),
    )
    op.create_index(op.f("ix_oai_memberships_item_id"), "oai_memberships", ["item_id"])
    op.create_table(
        "oai_formats",
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("done_to", sa.String(length=16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_oai_formats")),
    )
    op.create_table(
        "oai_harvesters",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.Column("network", sa.String(length=60), nullable=False),
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("set_spec", sa.String(length=255), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("errors", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_oai_harvesters")),
    )
    op.create_index(op.f("ix_oai_harvesters_last_at"), "oai_harvesters", ["last_at"])
    op.create_table(
        "oai_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("failures", JSONType, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_checks")),
    )
    op.create_index(op.f("ix_oai_checks_at"), "oai_checks", ["at"])

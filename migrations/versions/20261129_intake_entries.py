"""What was unpacked from an archive is a row for each file: a hundred thousand are no document."""

import sqlalchemy as sa
from alembic import op

from repository.core.db import JSONType

revision = "20261129_intake_entries"
down_revision = "20261128_arrivals"
branch_labels = None
depends_on = None

SHOWN = 100


def upgrade() -> None:
    op.create_table(
        "intake_entries",
        sa.Column("intake_id", sa.String(length=32), nullable=False),
        sa.Column("path", sa.String(length=1024), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("was", sa.String(length=64), nullable=True),
        sa.Column("was_size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intake_id"],
            ["intakes.id"],
            name=op.f("fk_intake_entries_intake_id_intakes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("intake_id", "path", name=op.f("pk_intake_entries")),
    )
    _move_results()


def _move_results() -> None:
    connection = op.get_bind()
    intakes = sa.table("intakes", sa.column("id"), sa.column("result", JSONType))
    columns = ("intake_id", "path", "sha256", "size", "was", "was_size")
    entries = sa.table("intake_entries", *map(sa.column, columns))
    for intake_id, result in connection.execute(sa.select(intakes)).tuples().all():
        skipped, made = result.get("skipped", []), result.get("made", [])
        was = {path: (sha256, size) for path, sha256, size in result.get("replaced", [])}
        rows = dict.fromkeys(skipped, (None, 0, None, 0))
        rows |= {path: (sha256, size, *was.get(path, (None, 0))) for path, sha256, size in made}
        if rows:
            values = [(intake_id, path, *row) for path, row in rows.items()]
            named = [dict(zip(columns, value, strict=True)) for value in values]
            connection.execute(sa.insert(entries), named)
        counted = {"made": len(made), "left": len(skipped), "skipped": skipped[:SHOWN]}
        counted |= {"total": len(rows), "removed": result.get("removed", [])}
        connection.execute(
            sa.update(intakes).where(intakes.c.id == intake_id).values(result=counted)
        )

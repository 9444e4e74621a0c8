"""Whoever deletes a row asks every table that may refer to it: without these, by reading it from end to end."""

from collections.abc import Sequence

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = (
    ("contact_change", "contact_id"),
    ("contact_history", "invitation_id"),
    ("contact_history", "visit_id"),
    ("invitation", "contact_id"),
    ("visit", "address_id"),
    ("visit_job", "job_id"),
)


def upgrade() -> None:
    for table, column in COLUMNS:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def downgrade() -> None:
    for table, column in COLUMNS:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)

"""What contacts correct about themselves stays against a later import, as it does for customers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("provenance", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("contact", "provenance")

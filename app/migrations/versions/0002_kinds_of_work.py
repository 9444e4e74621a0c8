"""The kinds of work that are there from the start; a company renames or adds to them with `kinds import`."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KIND = sa.table("kind", sa.column("ref"), sa.column("minutes"), sa.column("places"))
KIND_TEXT = sa.table(
    "kind_text", sa.column("kind"), sa.column("language"), sa.column("name"), sa.column("prepare")
)

KINDS = [("maintenance", 45, 1), ("repair", 60, 1), ("inspection", 30, 1), ("installation", 120, 2)]
NAMES = [
    ("maintenance", "nl", "onderhoud", "De plek rond het toestel is vrij."),
    ("maintenance", "en", "maintenance", "The space around the appliance is clear."),
    ("repair", "nl", "reparatie", "De plek rond het toestel is vrij."),
    ("repair", "en", "repair", "The space around the appliance is clear."),
    ("inspection", "nl", "controle", "De meterkast of het toestel is bereikbaar."),
    ("inspection", "en", "inspection", "The meter cupboard or the appliance can be reached."),
    ("installation", "nl", "installatie", "De plek voor het nieuwe toestel is leeg."),
    ("installation", "en", "installation", "The place for the new appliance is empty."),
]


def upgrade() -> None:
    op.bulk_insert(KIND, [dict(zip(("ref", "minutes", "places"), kind, strict=True)) for kind in KINDS])
    op.bulk_insert(
        KIND_TEXT, [dict(zip(("kind", "language", "name", "prepare"), text, strict=True)) for text in NAMES]
    )


def downgrade() -> None:
    refs = [ref for ref, _, _ in KINDS]
    op.execute(sa.delete(KIND_TEXT).where(KIND_TEXT.c.kind.in_(refs)))
    op.execute(sa.delete(KIND).where(KIND.c.ref.in_(refs)))

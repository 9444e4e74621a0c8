"""The kinds of work that are there from the start, in Polish; what a company has named itself stays as it is."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KIND_TEXT = sa.table(
    "kind_text", sa.column("kind"), sa.column("language"), sa.column("name"), sa.column("prepare")
)
LANGUAGE, ENGLISH = "pl", "en"
NAMES = {
    "maintenance": ("przegląd", "Miejsce wokół urządzenia jest wolne."),
    "repair": ("naprawa", "Miejsce wokół urządzenia jest wolne."),
    "inspection": ("kontrola", "Jest dostęp do szafki licznikowej lub urządzenia."),
    "installation": ("montaż", "Miejsce na nowe urządzenie jest puste."),
}


def upgrade() -> None:
    connection = op.get_bind()
    # In English each is still called by its reference; a kind with another name there has become other work.
    as_made = set(
        connection.scalars(
            sa.select(KIND_TEXT.c.kind).where(
                KIND_TEXT.c.language == ENGLISH, KIND_TEXT.c.name == KIND_TEXT.c.kind
            )
        )
    )
    named = set(connection.scalars(sa.select(KIND_TEXT.c.kind).where(KIND_TEXT.c.language == LANGUAGE)))
    op.bulk_insert(
        KIND_TEXT,
        [
            {"kind": ref, "language": LANGUAGE, "name": name, "prepare": prepare}
            for ref, (name, prepare) in NAMES.items()
            if ref in as_made - named
        ],
    )


def downgrade() -> None:
    for ref, (name, _prepare) in NAMES.items():
        # One that was renamed since is the company's own.
        op.execute(
            sa.delete(KIND_TEXT).where(
                KIND_TEXT.c.kind == ref, KIND_TEXT.c.language == LANGUAGE, KIND_TEXT.c.name == name
            )
        )

"""What a link or a report stands for by its id: an id that was deleted is never given to somebody else.

PostgreSQL never does. SQLite takes the highest id again once its row is gone, and a personal link that was erased would
then open the page of the next customer; AUTOINCREMENT forbids it. It is written into the schema alone, for rows are
kept in the same way (https://www.sqlite.org/lang_altertable.html, section 7, read 2026-11-22).
"""

from collections.abc import Sequence

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("customer", "contact_change", "invitation", "message", "staff")
TAKEN_AGAIN, GIVEN_ONCE = "PRIMARY KEY (id)", "PRIMARY KEY (id AUTOINCREMENT)"


def upgrade() -> None:
    # The table in which SQLite counts is made together with the first table that needs it.
    if _is_sqlite():
        op.execute("CREATE TABLE counts (id INTEGER PRIMARY KEY AUTOINCREMENT)")
        op.execute("DROP TABLE counts")
    _rewrite(TAKEN_AGAIN, GIVEN_ONCE)


def downgrade() -> None:
    _rewrite(GIVEN_ONCE, TAKEN_AGAIN)


def _rewrite(before: str, after: str) -> None:
    if not _is_sqlite():
        return
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    for table in TABLES:
        changed = connection.exec_driver_sql(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?)",
            (before, after, table, before),
        )
        assert changed.rowcount == 1, f"the primary key of {table} is written otherwise"
    # Every connection reads the schema again.
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
    assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"

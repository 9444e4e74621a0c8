"""Alembic's door: sees every table and runs each migration in one transaction."""

from alembic import context
from sqlalchemy import Connection

import scheduling.models  # noqa: F401  (its tables are in Base.metadata once it is imported)
from scheduling.db import Base, make_engine


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite cannot alter most of a table; Alembic then copies it.
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


engine = make_engine(context.config.attributes["url"])
with engine.connect() as connection:
    _run(connection)
    connection.commit()
engine.dispose()

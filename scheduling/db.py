"""The ground that tables stand on: base class, constraint names, column types, engines for both databases.

Decides how SQLite and PostgreSQL are set up and hides what differs between them. Leaves to others what the tables
are (`models`) and when a transaction ends (`app.work`, and the relay's tick).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import JSON, DateTime, MetaData, Select, create_engine, event, make_url
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

Row = TypeVar("Row")
Statement = TypeVar("Statement", bound=Select[Any])

LOCK_WAIT_SECONDS = 10
"""How long a writer waits for another before it gives up; far longer than any transaction of ours takes."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Goes in aware, comes out aware in UTC; a naive datetime is refused at the edge."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        instant = value.astimezone(UTC)
        # SQLite has no time zones: it keeps UTC without saying so.
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table. Constraint names follow one pattern, so that migrations can name what they change."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime, dict[str, Any]: JSON}


@dataclass(frozen=True, slots=True)
class Sessions:
    """Two ways to the same pool: `read` sees, `write` changes.

    They differ on SQLite alone, where a transaction that means to write says so when it begins (`BEGIN IMMEDIATE`):
    it then waits its turn, where one that turned from reading to writing half-way would fail.
    """

    engine: Engine
    read: sessionmaker[Session]
    write: sessionmaker[Session]


def make_engine(url: str) -> Engine:
    """An engine for `url`, `sqlite:///...` or `postgresql+psycopg://...`, set up the way the product relies on."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_SECONDS})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8, pool_timeout=LOCK_WAIT_SECONDS)


def make_sessions(engine: Engine) -> Sessions:
    """Session factories over one engine. Objects stay readable after a commit: views hand values on, never rows."""
    return Sessions(
        engine,
        read=sessionmaker(engine, expire_on_commit=False),
        write=sessionmaker(engine.execution_options(means_to_write=True), expire_on_commit=False),
    )


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # Transactions are begun by us (`_begin_sqlite`), not guessed by the driver from the first statement.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # With NORMAL a power cut can undo the last bookings; a confirmed visit has to survive it.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    means_to_write = connection.get_execution_options().get("means_to_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if means_to_write else "BEGIN")


def skip_locked(statement: Statement) -> Statement:
    """`FOR UPDATE SKIP LOCKED` where the database has it; SQLite leaves it out, for its writers queue anyway."""
    return statement.with_for_update(skip_locked=True)


def was_a_race(error: BaseException) -> bool:
    """Whether beginning again from the top may help: a deadlock, a serialisation failure or a lost unique race."""
    original = getattr(error, "orig", None)
    state: str | None = getattr(original, "sqlstate", None)
    if state is not None:
        return state in {"40001", "40P01", "23505"}
    return "UNIQUE constraint failed" in str(original) or "database is locked" in str(original)


def in_batches(rows: Sequence[Row], size: int = 500) -> list[Sequence[Row]]:
    """`rows` in slices of at most `size`: SQLite and PostgreSQL both limit how many parameters a statement takes."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]

"""The ground that tables stand on: base class, constraint names, column types, engines for both databases.

Decides how SQLite and PostgreSQL are set up and hides what differs between them. Leaves to others what the tables
are (`models`) and when a transaction ends (`app.work`, and the relay's tick).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from psycopg import Column, Cursor
from psycopg.pq import ExecStatus
from sqlalchemy import (
    JSON,
    DateTime,
    Insert,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    column,
    create_engine,
    event,
    func,
    lambda_stmt,
    literal_column,
    make_url,
    select,
    text,
)
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.lambdas import StatementLambdaElement
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


def table_of(model: type[Base]) -> Table:
    """The table behind a class: a statement about it has nothing to do with objects, and costs a fraction."""
    table = model.__table__
    assert isinstance(table, Table), "every class of ours is a table of its own"
    return table


@dataclass(frozen=True, slots=True)
class Sessions:
    """Two ways to the same pool: `read` sees, `write` changes.

    On SQLite a transaction that means to write says so when it begins (`BEGIN IMMEDIATE`): it then waits its turn,
    where one that turned from reading to writing half-way would fail. On PostgreSQL each question stands for itself,
    as it would in a transaction there, without one that has to be begun and ended.
    """

    engine: Engine
    read: sessionmaker[Session]
    write: sessionmaker[Session]


def make_engine(url: str) -> Engine:
    """An engine for `url`, `sqlite:///...` or `postgresql+psycopg://...`, set up the way the product relies on."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_SECONDS}, hide_parameters=True)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        connect_args={"cursor_factory": _Cursor},
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=8,
        pool_timeout=LOCK_WAIT_SECONDS,
        # What an exception says may end in a log; names and numbers have no place in it.
        hide_parameters=True,
    )


def make_sessions(engine: Engine) -> Sessions:
    """Session factories over one engine. Objects stay readable after a commit: views hand values on, never rows."""
    # Besides: psycopg forgets the statements that it has prepared whenever a transaction is rolled back, and planning a
    # page's query anew costs the database ten times what answering it does.
    readers = (
        engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="AUTOCOMMIT")
    )
    return Sessions(
        engine,
        read=sessionmaker(readers, expire_on_commit=False),
        write=sessionmaker(engine.execution_options(means_to_write=True), expire_on_commit=False),
    )


class _Columns(Sequence[Column]):
    """The columns of a result, each described when it is looked at."""

    def __init__(self, cursor: Cursor[Any], count: int) -> None:
        self._cursor, self._count = cursor, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [Column(self._cursor, each) for each in range(self._count)[index]]
        return Column(self._cursor, range(self._count)[index])


class _Cursor(Cursor[Any]):
    """PostgreSQL's cursor, which describes columns only to who looks.

    SQLAlchemy looks when it meets a statement for the first time; describing the 78 columns of an invitation each time
    takes as long as reading them.
    """

    @property
    def description(self) -> Any:
        """As the driver's own, but made as it is read."""
        result = self.pgresult
        if result is None or result.status != ExecStatus.TUPLES_OK:
            return super().description
        return _Columns(self, result.nfields)


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


@dataclass(frozen=True, slots=True)
class Together:
    """Writes that are gathered and then carried out as one: in one statement where the database can (PostgreSQL).

    There a booking's seven statements cost it more than all its decisions. They see what was there before the first of
    them, so none may count on another; foreign keys between them hold, for they are checked when all is written.
    """

    writes: list[tuple[Insert | Update, Sequence[Mapping[str, Any]]]] = field(default_factory=list)

    def add(self, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
        """An INSERT into a table with its rows, or an UPDATE with one row of values for its `bindparam`s.

        Statements are made once: they are told apart by being the same object. Rows of a table have the same columns.
        """
        if rows:
            self.writes.append((statement, rows))

    def carry_out(self, session: Session, first: Update, values: Mapping[str, Any]) -> bool:
        """Writes all with `first` before them; whether `first` changed a row.

        The rest is written either way: where `first` has to change one, roll back or make up for it.
        """
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            shape = tuple((statement, tuple(rows[0])) for statement, rows in self.writes)
            return bool(connection.execute(_as_one(first, shape), self._values(values)).scalar())
        changed = connection.execute(first, values).rowcount
        for statement, rows in self.writes:
            connection.execute(statement, rows)
        return bool(changed)

    def _values(self, first: Mapping[str, Any]) -> dict[str, Any]:
        values = dict(first)
        for number, (statement, rows) in enumerate(self.writes):
            if isinstance(statement, Insert):
                values[f"rows_{number}"] = _IN_JSON.encode(rows)
            else:
                values.update(rows[0])
        return values


def _iso(value: Any) -> str:
    return str(value.isoformat())


_IN_JSON = json.JSONEncoder(default=_iso)


@lru_cache(maxsize=64)
def _as_one(
    first: Update, writes: tuple[tuple[Insert | Update, tuple[str, ...]], ...]
) -> StatementLambdaElement:
    """All of it as one SELECT that counts what `first` changed. Rows come as JSON, however many they are."""
    ctes = [
        _rows_in_json(statement, f"rows_{number}", names) if isinstance(statement, Insert) else statement
        for number, (statement, names) in enumerate(writes)
    ]
    claimed = first.returning(literal_column("1")).cte("first_write")
    return known_by_name(
        select(func.count())
        .select_from(claimed)
        .add_cte(*(statement.cte(f"write_{number}") for number, statement in enumerate(ctes)))
    )


def _rows_in_json(statement: Insert, name: str, columns: tuple[str, ...]) -> Insert:
    table = statement.table
    rows = func.json_populate_recordset(
        literal_column(f'NULL::"{table.description}"'), cast(bindparam(name, type_=Text), JSON)
    ).table_valued(*(column(each) for each in columns))
    # What a row leaves out is the database's own default.
    return statement.from_select(columns, select(*(rows.c[each] for each in columns)), include_defaults=False)


class next_id(FunctionElement[int]):  # noqa: N801  (reads like the function of the database that it is)
    """`next_id(Visit.id)`: an id that no row has or gets, for whoever has to know it before the row is there."""

    inherit_cache = True
    type = Integer()

    def __init__(self, of: InstrumentedAttribute[int]) -> None:
        # The table's name alone: the table itself would be joined to whatever is selected from.
        super().__init__(literal_column(of.class_.__tablename__))


@compiles(next_id, "postgresql")
def _next_of_sequence(element: next_id, _compiler: Any, **_how: Any) -> str:
    # In brackets it is drawn once, however many rows it stands in.
    return f"(SELECT nextval('{_table_of(element)}_id_seq'))"


@compiles(next_id, "sqlite")
def _next_by_hand(element: next_id, _compiler: Any, **_how: Any) -> str:
    # Nobody else writes meanwhile: the transaction began as one that means to write.
    return f"(SELECT coalesce(max(id), 0) + 1 FROM {_table_of(element)})"  # noqa: S608


def _table_of(element: next_id) -> str:
    (name,) = element.clauses
    return str(name)


def expect_growth(session: Session) -> None:
    """For a transaction that fills tables: has its statements planned for what is there by then.

    psycopg has a statement prepared at its fifth time, and PostgreSQL soon keeps one plan for it. Made while a table
    is nearly empty, that plan reads all of it for every batch of a hundred thousand rows, with 500 comparisons a row.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def known_by_name(statement: Select[*tuple[Any, ...]]) -> StatementLambdaElement:
    """A large statement that is made once and asked for ever: SQLAlchemy finds what it compiled of it at once.

    Otherwise it looks that up by everything the statement is made of, and for eighty columns that takes as long as
    reading their row. Whatever differs from one time to the next has to be a parameter.
    """
    return lambda_stmt(lambda: statement, track_on=[object()])


def skip_locked(statement: Statement) -> Statement:
    """`FOR UPDATE SKIP LOCKED` where the database has it; SQLite leaves it out, for its writers queue anyway."""
    return statement.with_for_update(skip_locked=True)


def was_a_race(error: BaseException) -> bool:
    """Whether beginning again from the top may help.

    After a deadlock, a serialisation failure, a lost unique race, or when a row that was about to be referred to has
    been deleted in the meantime.
    """
    original = getattr(error, "orig", None)
    state: str | None = getattr(original, "sqlstate", None)
    if state is not None:
        return state in {"40001", "40P01", "23503", "23505"}
    return "UNIQUE constraint failed" in str(original) or "database is locked" in str(original)


def in_batches(rows: Sequence[Row], size: int = 500) -> list[Sequence[Row]]:
    """`rows` in slices of at most `size`: SQLite and PostgreSQL both limit how many parameters a statement takes."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]

